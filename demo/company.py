"""A factory with eight departments' worth of guests: fixed people, then a history lived through the workflow."""

import sqlalchemy as sa  # noqa: F401

from installation import load_basics
from models import (
    Customer, CustomerClass, Department, Driver, Gender, Gift, GiftKind, MeetingRoom, MovementKind, Role, Setting, StockMovement, User, UserRole, Vehicle,
    Visitor, db,
)

PASSWORD = "demo-yingke"
DEPARTMENTS = (("ADM", "行政人事部", "Administration & HR"), ("SAL", "销售部", "Sales"), ("TEC", "技术部", "Technology"), ("FIN", "财务部", "Finance"),
               ("EXE", "总经理办公室", "General Manager's Office"), ("IT", "信息部", "IT"))
USERS = (("front", "林晓燕", "前台接待", "ADM", Role.FRONT_DESK, "8000"), ("sales", "陈志远", "销售经理", "SAL", Role.STAFF, "8211"),
         ("sales_head", "周建国", "销售部部长", "SAL", Role.DEPT_HEAD, "8201"), ("tech", "吴海涛", "工艺工程师", "TEC", Role.STAFF, "8311"),
         ("tech_head", "郑立新", "技术部部长", "TEC", Role.DEPT_HEAD, "8301"), ("office", "王雅琴", "行政专员", "ADM", Role.ADMIN_OFFICE, "8102"),
         ("office_head", "刘慧敏", "行政人事部部长", "ADM", Role.ADMIN_HEAD, "8101"), ("exec", "赵宏伟", "总经理", "EXE", Role.EXECUTIVE, "8001"),
         ("finance", "孙丽华", "会计主管", "FIN", Role.FINANCE, "8401"), ("sysadmin", "何俊杰", "系统管理员", "IT", Role.SYSADMIN, "8501"),
         ("sales2", "黄思颖", "客户代表", "SAL", Role.STAFF, "8212"), ("tech2", "徐明亮", "质量工程师", "TEC", Role.STAFF, "8312"))
CUSTOMERS = (
    ("苏州恒远新能源有限公司", "恒远新能源", CustomerClass.IMPORTANT, "SAL", "沈国栋"), ("宁波海天精密机械股份有限公司", "海天精密", CustomerClass.EXISTING, "SAL", "潘文斌"),
    ("深圳市科锐电子有限公司", "科锐电子", CustomerClass.EXISTING, "SAL", "梁伟强"), ("杭州云栖智能科技有限公司", "云栖智能", CustomerClass.POTENTIAL, "SAL", "许静怡"),
    ("无锡江南储能技术有限公司", "江南储能", CustomerClass.IMPORTANT, "SAL", "顾晓峰"), ("上海德源汽车零部件有限公司", "德源汽配", CustomerClass.EXISTING, "SAL", "钱立群"),
    ("北京中科材料研究院", "中科材料", CustomerClass.PARTNER, "TEC", "罗振华"), ("华东理工大学材料学院", "华理材料", CustomerClass.PARTNER, "TEC", "冯教授"),
    ("合肥先导自动化设备有限公司", "先导自动化", CustomerClass.PARTNER, "TEC", "韩雪松"), ("江苏省工业和信息化厅", "省工信厅", CustomerClass.GOVERNMENT, "SAL", "曹处长"),
    ("苏州市人民政府", "市政府", CustomerClass.GOVERNMENT, "SAL", "谢秘书"), ("财经时报社", "财经时报", CustomerClass.MEDIA, "SAL", "邓晓雯"),
    ("常州立峰包装材料厂", "立峰包装", CustomerClass.EXISTING, "TEC", "蒋立峰"), ("Nordlicht Batterie GmbH", "Nordlicht", CustomerClass.IMPORTANT, "SAL", "K. Vogel"),
    ("株式会社青山製作所", "青山製作所", CustomerClass.PARTNER, "TEC", "青山健一"), ("广州市友谊商会", "友谊商会", CustomerClass.POTENTIAL, "SAL", "何会长"))
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = ("志强", "建华", "晓明", "丽娟", "国平", "秀英", "文博", "海燕", "永康", "雪梅", "立军", "佳宁", "德胜", "美玲", "俊峰", "春梅", "宏亮", "思远", "玉兰", "子轩",
         "雅雯", "振东", "慧敏", "启航", "明哲", "婉婷")
TITLES = ("总经理", "副总经理", "采购总监", "技术总监", "项目经理", "质量经理", "采购经理", "工程师", "处长", "科长", "教授", "记者", "业务员")
ROOMS = (("一号会议室（迎宾厅）", "办公楼一层", 40, "投影、音响、同传"), ("二号会议室", "办公楼二层", 16, "投影、视频会议"), ("三号会议室", "办公楼二层", 10, "电视屏"),
         ("贵宾室", "办公楼三层", 8, "茶台"), ("车间洽谈室", "一号厂房", 6, "白板"))
VEHICLES = (("苏E·8A176", "别克 GL8", 7, 86210), ("苏E·3K902", "奥迪 A6L", 5, 45120), ("苏E·D52381", "红旗 E-HS9", 6, 12800), ("苏E·7F305", "丰田考斯特", 20, 132400))
DRIVERS = (("马师傅", "13906210011", "A1"), ("杨师傅", "13906210022", "B1"), ("丁师傅", "13906210033", "C1"))
GIFTS = (("G001", "丝绸围巾", GiftKind.GIFT, "真丝 礼盒", "条", 268, False, 10, 60), ("G002", "苏绣摆件", GiftKind.GIFT, "20×20 cm", "件", 880, True, 3, 12),
         ("G003", "碧螺春茶礼盒", GiftKind.GIFT, "250 g", "盒", 198, False, 10, 80), ("G004", "定制保温杯", GiftKind.GIFT, "500 ml", "只", 89, False, 20, 150),
         ("W001", "洋河梦之蓝 M6+", GiftKind.WINE, "550 ml", "瓶", 620, False, 12, 96), ("W002", "张裕干红", GiftKind.WINE, "750 ml", "瓶", 138, False, 12, 120))


def person(n: int) -> str:
    return SURNAMES[n * 7 % len(SURNAMES)] + GIVEN[n * 5 % len(GIVEN)]


def identity(n: int) -> str:
    """An identity number of the right form and check digit, that belongs to nobody real."""
    body = f"320599{1965 + n % 35}{n % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def people() -> None:
    """Departments, users, customers, visitors, rooms, cars and gifts: what stands before the first request."""
    from panel.session import hash_password
    departments = {code: Department(code=code, name=name, name_en=english) for code, name, english in DEPARTMENTS}
    db.session.add_all(departments.values())
    db.session.flush()
    hashed = hash_password(PASSWORD)
    users = {}
    for username, name, title, department, role, phone in USERS:
        users[username] = User(username=username, name=name, title=title, department_id=departments[department].id, phone=phone, password_hash=hashed,
                               roles=[UserRole(role=role)])
        db.session.add(users[username])
        db.session.flush()
    n = 0
    for name, short, kind, department, contact in CUSTOMERS:
        owner = users["sales" if department == "SAL" else "tech"]
        customer = Customer(name=name, short_name=short, kind=kind, contact=contact, owner_id=owner.id, department_id=departments[department].id,
                            contact_days=30 if kind == CustomerClass.IMPORTANT else 90)
        db.session.add(customer)
        db.session.flush()
        for k in range(4):
            n += 1
            guest = contact if k == 0 else person(n)
            db.session.add(Visitor(name=guest, title=TITLES[n % len(TITLES)], organisation=name, customer_id=customer.id, department_id=customer.department_id,
                                   gender=Gender.MALE if n % 3 else Gender.FEMALE, phone=f"139{10000000 + n * 7919 % 89999999}", identity_no=identity(n),
                                   diet="清真" if n % 17 == 0 else "素食" if n % 23 == 0 else ""))
    barred = Visitor(name="胡一刀", title="推销员", organisation="某保健品公司", department_id=departments["ADM"].id, phone="13800001111", blacklisted=True,
                     blacklist_reason="强行进入办公区，2026 年 5 月")
    db.session.add(barred)
    db.session.add_all(MeetingRoom(name=n, location=where, capacity=c, equipment=e) for n, where, c, e in ROOMS)
    db.session.add_all(Vehicle(plate=p, model=m, seats=s, odometer=o) for p, m, s, o in VEHICLES)
    db.session.add_all(Driver(name=n, phone=p, licence_class=c) for n, p, c in DRIVERS)
    for code, name, kind, spec, unit, cost, important, minimum, stock in GIFTS:
        gift = Gift(code=code, name=name, kind=kind, specification=spec, unit=unit, unit_cost=cost, important=important, minimum=minimum)
        db.session.add(gift)
        db.session.flush()
        db.session.add(StockMovement(gift_id=gift.id, kind=MovementKind.IN, quantity=stock, unit_cost=cost, by_id=users["office"].id, note="年度采购"))
    db.session.flush()


def make(today=None) -> None:
    """The whole demo company, in one transaction: half a company is never left behind."""
    from demo.history import live
    load_basics(adopt=True)
    people()
    db.session.add(Setting(key="demo", value="true"))
    live(today)
    db.session.commit()
