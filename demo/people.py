"""Who and what the three demo companies consist of: data only, in one shape.

Each has the same ten logins (and two colleagues), its own people, departments, customers, rooms, cars, gifts and
occasions on which guests come. What its days were like is made from it in `demo.history`.
"""

from dataclasses import dataclass, field

from models import CustomerClass, GiftKind, OutboundPurpose, Outcome, Role, VisitKind

POTENTIAL, IMPORTANT, PARTNER, EXISTING, MEDIA, GOVERNMENT = (
    CustomerClass.POTENTIAL,
    CustomerClass.IMPORTANT,
    CustomerClass.PARTNER,
    CustomerClass.EXISTING,
    CustomerClass.MEDIA,
    CustomerClass.GOVERNMENT,
)
GIFT, WINE = GiftKind.GIFT, GiftKind.WINE

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = (
    "志强",
    "建华",
    "晓明",
    "丽娟",
    "国平",
    "秀英",
    "文博",
    "海燕",
    "永康",
    "雪梅",
    "立军",
    "佳宁",
    "德胜",
    "美玲",
    "俊峰",
    "春梅",
    "宏亮",
    "思远",
    "玉兰",
    "子轩",
    "雅雯",
    "振东",
    "慧敏",
    "启航",
    "明哲",
    "婉婷",
)
TITLES = (
    "总经理",
    "副总经理",
    "采购总监",
    "技术总监",
    "项目经理",
    "质量经理",
    "采购经理",
    "工程师",
    "处长",
    "科长",
    "教授",
    "记者",
    "业务员",
)
ROLES = {
    "front": ("ADM", Role.FRONT_DESK),
    "sales": ("SAL", Role.STAFF),
    "sales_head": ("SAL", Role.DEPT_HEAD),
    "tech": ("TEC", Role.STAFF),
    "tech_head": ("TEC", Role.DEPT_HEAD),
    "office": ("ADM", Role.ADMIN_OFFICE),
    "office_head": ("ADM", Role.ADMIN_HEAD),
    "exec": ("EXE", Role.EXECUTIVE),
    "finance": ("FIN", Role.FINANCE),
    "sysadmin": ("IT", Role.SYSADMIN),
    "sales2": ("SAL", Role.STAFF),
    "tech2": ("TEC", Role.STAFF),
}
"""Every company's logins: where each works and what they may do."""


@dataclass(frozen=True)
class Occasion:
    """Why guests come, what they need arranged, and how it ends."""

    purpose: str
    kind: VisitKind
    needs: tuple[str, ...] = ()
    outcome: Outcome = Outcome.DONE
    question: str = ""
    answer: str = ""
    sensitive: bool = False
    nights: int = 0
    of: tuple[str, ...] = ()
    """Who comes for it: departments, customer classes or short names; nobody named: all but government and media."""

    def suits(self, customer) -> bool:
        known = {customer.short_name, str(customer.kind), customer.department.code}
        return (
            not known.isdisjoint(self.of)
            if self.of
            else customer.kind not in (CustomerClass.GOVERNMENT, CustomerClass.MEDIA)
        )


@dataclass(frozen=True)
class Company:
    """One demo company, as rows of its tables.

    Departments are (code, name, English name); users (login, name, position, extension); customers (name, short name,
    class, department, contact); guests, by customer, (name, position, special assistance); rooms (name, place, seats,
    equipment); gifts (code, name, kind, specification, unit, cost, important, minimum, stock).
    """

    key: str
    name: str
    adopt: tuple[str, ...]
    departments: tuple
    users: tuple
    customers: tuple
    rooms: tuple
    vehicles: tuple
    drivers: tuple
    gifts: tuple
    barred: tuple[str, str, str, str]
    occasions: tuple[Occasion, ...]
    places: tuple[str, ...]
    titles: tuple[str, ...] = TITLES
    guests: dict = field(default_factory=dict)
    ranks: dict = field(default_factory=dict)
    letters: tuple[int, ...] = ()
    station: str = ""
    tasks: dict = field(default_factory=dict)
    callers: tuple = ()
    complaints: tuple = ()
    inspections: tuple = ()
    trainings: tuple = ()
    violations: tuple = ()
    incidents: tuple = ()
    going_out: tuple = ()
    records: tuple[str, ...] = ("对方对现场管理评价良好", "双方交换了意见，气氛融洽")
    spending: dict = field(default_factory=dict)
    wine: str = ""
    souvenirs: tuple[tuple[str, int], ...] = ()


# ── A factory ────────────────────────────────────────────────────────────────────────────────────
FACTORY = Company(
    key="factory",
    name="恒能新能源科技有限公司",
    adopt=("R01", "R08", "R09", "R10"),
    departments=(
        ("ADM", "行政人事部", "Administration & HR"),
        ("SAL", "销售部", "Sales"),
        ("TEC", "技术部", "Technology"),
        ("FIN", "财务部", "Finance"),
        ("EXE", "总经理办公室", "General Manager's Office"),
        ("IT", "信息部", "IT"),
    ),
    users=(
        ("front", "林晓燕", "前台接待", "8000"),
        ("sales", "陈志远", "销售经理", "8211"),
        ("sales_head", "周建国", "销售部部长", "8201"),
        ("tech", "吴海涛", "工艺工程师", "8311"),
        ("tech_head", "郑立新", "技术部部长", "8301"),
        ("office", "王雅琴", "行政专员", "8102"),
        ("office_head", "刘慧敏", "行政人事部部长", "8101"),
        ("exec", "赵宏伟", "总经理", "8001"),
        ("finance", "孙丽华", "会计主管", "8401"),
        ("sysadmin", "何俊杰", "系统管理员", "8501"),
        ("sales2", "黄思颖", "客户代表", "8212"),
        ("tech2", "徐明亮", "质量工程师", "8312"),
    ),
    customers=(
        ("苏州恒远新能源有限公司", "恒远新能源", IMPORTANT, "SAL", "沈国栋"),
        ("宁波海天精密机械股份有限公司", "海天精密", EXISTING, "SAL", "潘文斌"),
        ("深圳市科锐电子有限公司", "科锐电子", EXISTING, "SAL", "梁伟强"),
        ("杭州云栖智能科技有限公司", "云栖智能", POTENTIAL, "SAL", "许静怡"),
        ("无锡江南储能技术有限公司", "江南储能", IMPORTANT, "SAL", "顾晓峰"),
        ("上海德源汽车零部件有限公司", "德源汽配", EXISTING, "SAL", "钱立群"),
        ("北京中科材料研究院", "中科材料", PARTNER, "TEC", "罗振华"),
        ("华东理工大学材料学院", "华理材料", PARTNER, "TEC", "冯教授"),
        ("合肥先导自动化设备有限公司", "先导自动化", PARTNER, "TEC", "韩雪松"),
        ("江苏省工业和信息化厅", "省工信厅", GOVERNMENT, "SAL", "曹处长"),
        ("苏州市人民政府", "市政府", GOVERNMENT, "SAL", "谢秘书"),
        ("财经时报社", "财经时报", MEDIA, "SAL", "邓晓雯"),
        ("常州立峰包装材料厂", "立峰包装", EXISTING, "TEC", "蒋立峰"),
        ("Nordlicht Batterie GmbH", "Nordlicht", IMPORTANT, "SAL", "K. Vogel"),
        ("株式会社青山製作所", "青山製作所", PARTNER, "TEC", "青山健一"),
        ("广州市友谊商会", "友谊商会", POTENTIAL, "SAL", "何会长"),
    ),
    rooms=(
        ("一号会议室（迎宾厅）", "办公楼一层", 40, "投影、音响、同传"),
        ("二号会议室", "办公楼二层", 16, "投影、视频会议"),
        ("三号会议室", "办公楼二层", 10, "电视屏"),
        ("贵宾室", "办公楼三层", 8, "茶台"),
        ("车间洽谈室", "一号厂房", 6, "白板"),
    ),
    vehicles=(
        ("苏E·8A176", "别克 GL8", 7, 86210),
        ("苏E·3K902", "奥迪 A6L", 5, 45120),
        ("苏E·D52381", "红旗 E-HS9", 6, 12800),
        ("苏E·7F305", "丰田考斯特", 20, 132400),
    ),
    drivers=(("马师傅", "13906210011", "A1"), ("杨师傅", "13906210022", "B1"), ("丁师傅", "13906210033", "C1")),
    gifts=(
        ("G001", "丝绸围巾", GIFT, "真丝 礼盒", "条", 268, False, 10, 60),
        ("G002", "苏绣摆件", GIFT, "20×20 cm", "件", 880, True, 3, 12),
        ("G003", "碧螺春茶礼盒", GIFT, "250 g", "盒", 198, False, 10, 80),
        ("G004", "定制保温杯", GIFT, "500 ml", "只", 89, False, 20, 150),
        ("W001", "洋河梦之蓝 M6+", WINE, "550 ml", "瓶", 620, False, 12, 96),
        ("W002", "张裕干红", WINE, "750 ml", "瓶", 138, False, 12, 120),
    ),
    barred=("胡一刀", "推销员", "某保健品公司", "强行进入办公区，2026 年 5 月"),
    occasions=(
        Occasion(
            "参观生产线并洽谈年度合作",
            VisitKind.TOUR,
            ("room", "tour", "meal"),
            Outcome.DEMAND,
            "希望了解 280 Ah 电芯的交付周期。",
            "首批六周，之后按月滚动。",
        ),
        Occasion(
            "新能源电池样品评审",
            VisitKind.DOCUMENT_AUDIT,
            ("room",),
            Outcome.AGREED,
            "循环寿命数据能否给出第三方报告？",
            "已附检测中心报告编号。",
        ),
        Occasion(
            "供应商现场审核",
            VisitKind.SITE_AUDIT,
            ("room", "tour", "meal", "lodging"),
            Outcome.AGREED,
            "涂布工序的 CPK 记录保存多久？",
            "三年，可随时调阅。",
            nights=1,
        ),
        Occasion("设备安装调试交流", VisitKind.TECHNICAL, ("room", "meal")),
        Occasion("技术方案研讨", VisitKind.DOCUMENT_AUDIT, ("room",), Outcome.DOUBTS, "低温放电曲线与规格书有差异。"),
        Occasion("校企合作座谈", VisitKind.TOUR, ("room", "tour"), Outcome.AGREED, of=("华理材料", "中科材料")),
        Occasion(
            "质量问题现场分析",
            VisitKind.SITE_AUDIT,
            ("room", "tour"),
            Outcome.DONE,
            "极耳焊接虚焊的根因是什么？",
            "夹具磨损，已更换并加入点检。",
        ),
        Occasion("年度框架协议签约", VisitKind.SIGNING, ("room", "meal", "car"), Outcome.WON),
        Occasion("媒体采访与工厂参观", VisitKind.TOUR, ("room", "tour"), of=("media",)),
        Occasion("政府调研智能制造", VisitKind.TOUR, ("room", "tour", "meal"), of=("government",)),
        Occasion("外协加工能力考察", VisitKind.SITE_AUDIT, ("tour", "room"), of=("partner", "existing")),
        Occasion("新品发布会前期沟通", VisitKind.DOCUMENT_AUDIT, ("room",), Outcome.AGREED),
    ),
    places=("得月楼", "松鹤楼", "公司食堂贵宾厅", "金鸡湖凯宾斯基", "吴地人家"),
    ranks={"江苏省工业和信息化厅": 1},
    letters=(1, 2, 3),
    station="苏州北站",
    tasks={"ADM": "会议室、茶水、欢迎牌", "TEC": "准备产线参观讲解"},
    callers=(
        ("苏州汇通物流有限公司", "送样品，找工艺工程师", "唐师傅", "tech"),
        ("姑苏快递", "取回退货样品", "小姜", "sales2"),
        ("某咨询公司", "上门推荐管理课程", "薛经理", "office"),
    ),
    complaints=(
        (
            "深圳市科锐电子有限公司",
            "梁伟强",
            "参观时防尘服尺码不足，两位同事未能进入装配车间。",
            "库存只剩小号，领用后未补。",
            "补齐三种尺码，并致电致歉，约下次优先安排。",
        ),
        (
            "华东理工大学材料学院",
            "冯教授",
            "接站车辆晚到二十分钟。",
            "司机走错站台出口。",
            "派车单加写出口，当日由技术部负责人致歉。",
        ),
        (
            "常州立峰包装材料厂",
            "蒋立峰",
            "前台等候超过半小时无人通知。",
            "被访人手机静音。",
            "前台改拨部门座机，并增加等候提醒。",
        ),
        (
            "广州市友谊商会",
            "何会长",
            "午餐没有照顾到清真饮食。",
            "申请时未登记饮食要求。",
            "名单增加饮食栏，已送清真餐券。",
        ),
    ),
    inspections=(
        ("venue_inspection", 4, "会议室与展厅", "office", "投影、空调、麦克风正常。", ""),
        ("venue_inspection", 11, "会议室与展厅", "office", "二号会议室投影偏色。", "二号会议室投影灯泡老化"),
        ("venue_inspection", 18, "会议室与展厅", "office", "正常。", ""),
        ("night_inspection", 37, "办公楼各层", "office_head", "门窗、电源已关闭。", ""),
        ("maintenance", 52, "会议音响与同传设备", "office", "按计划保养完毕。", ""),
        ("service_inspection", 61, "接待服务", "office_head", "用语规范，登记齐全。", ""),
        ("daily_check", 1, "前台与大厅", "front", "登记簿、访客证齐备。", ""),
    ),
    trainings=(
        (40, "接待礼仪与公司规定", "刘慧敏", ("front", "sales", "sales2", "tech", "office")),
        (12, "参观路线讲解与安全须知", "郑立新", ("tech", "tech2", "sales")),
    ),
    violations=(
        ("tech2", 25, "R08-2.6", "未经确认带访客进入办公区。", False, "oral_warning"),
        ("sales2", 9, "R10-4", "来宾带样品离厂未开放行条。", True, "written_warning"),
    ),
    incidents=(
        ("breach", 6, "一号厂房门口", "来宾在禁拍区域拍照，经劝阻删除。", "当场删除照片，讲解禁拍规定。", 15),
        ("injury", 17, "装配车间通道", "来宾绊倒，膝盖擦伤。", "医务室包扎，十分钟内通知接待负责人。", 8),
    ),
    records=("来宾对现场管理评价良好", "来宾对自动化程度印象深刻"),
    spending={1: 500, 2: 300, 3: 200, 4: 150},
    wine="W002",
    souvenirs=(("G003", 2), ("G002", 1)),
)


# ── A bank branch ────────────────────────────────────────────────────────────────────────────────
BANK = Company(
    key="bank",
    name="江南银行苏州分行",
    adopt=("R08", "R12", "R16"),
    departments=(
        ("ADM", "综合管理部", "General Affairs"),
        ("SAL", "客户服务部", "Customer Service"),
        ("TEC", "公司信贷部", "Corporate Lending"),
        ("FIN", "计划财务部", "Planning & Finance"),
        ("EXE", "行长室", "Branch President's Office"),
        ("IT", "科技部", "IT"),
    ),
    users=(
        ("front", "徐婉清", "大堂经理", "6000"),
        ("sales", "陆子谦", "客户经理", "6211"),
        ("sales_head", "顾维民", "客户服务部总经理", "6201"),
        ("tech", "方思源", "信贷经理", "6311"),
        ("tech_head", "严正宇", "公司信贷部总经理", "6301"),
        ("office", "苏雨桐", "综合管理部专员", "6102"),
        ("office_head", "钱婉茹", "综合管理部总经理", "6101"),
        ("exec", "盛学勤", "行长", "6001"),
        ("finance", "潘静宜", "财务主管", "6401"),
        ("sysadmin", "江一帆", "系统管理员", "6501"),
        ("sales2", "叶知秋", "理财经理", "6212"),
        ("tech2", "范书豪", "授信审查员", "6312"),
    ),
    customers=(
        ("苏州锦绣丝绸集团有限公司", "锦绣丝绸", IMPORTANT, "TEC", "陶锦文"),
        ("昆山精工模具有限公司", "精工模具", EXISTING, "TEC", "邵立平"),
        ("吴江盛泽纺织产业园", "盛泽产业园", IMPORTANT, "TEC", "沈维钧"),
        ("太仓港物流股份有限公司", "太仓港物流", EXISTING, "TEC", "严海平"),
        ("平江社区老年大学", "平江老年大学", PARTNER, "SAL", "尤桂珍"),
        ("沧浪新城业主委员会", "沧浪业委会", EXISTING, "SAL", "汤守仁"),
        ("姑苏区残疾人联合会", "姑苏残联", PARTNER, "SAL", "季明霞"),
        ("工业园区人才服务中心", "园区人才中心", GOVERNMENT, "SAL", "许主任"),
        ("苏州新生代生物科技有限公司", "新生代生物", POTENTIAL, "TEC", "蒋一鸣"),
        ("尚书里个人贵宾客户", "尚书里贵宾", IMPORTANT, "SAL", "周静淑"),
        ("胥江花鸟市场商户联合会", "胥江商户", EXISTING, "SAL", "金阿宝"),
        ("人民银行苏州中心支行", "人行苏州", GOVERNMENT, "TEC", "宋处长"),
    ),
    guests={
        "平江社区老年大学": (
            ("尤桂珍", "班长", "高龄，请安排座椅和优先窗口"),
            ("吴福根", "学员", "行动不便，需轮椅"),
            ("陆阿妹", "学员", ""),
        ),
        "姑苏区残疾人联合会": (
            ("季明霞", "副理事长", ""),
            ("董志刚", "会员", "听力障碍，请手语或书面交流"),
            ("夏晓琳", "手语翻译", ""),
        ),
        "沧浪新城业主委员会": (
            ("汤守仁", "主任", ""),
            ("倪秀芳", "财务委员", ""),
            ("毛志清", "委员", "高龄，视力不佳，请代读条款"),
        ),
        "尚书里个人贵宾客户": (("周静淑", "个人客户", ""), ("周子昂", "家属", "")),
    },
    rooms=(
        ("贵宾理财室", "营业大厅一层", 6, "茶台、电子屏"),
        ("第一洽谈室", "二层", 8, "投影、视频会议"),
        ("第二洽谈室", "二层", 6, "白板"),
        ("大会议室", "四层", 24, "投影、音响"),
        ("无障碍接待室", "营业大厅一层", 5, "助听环、放大镜、手语平板"),
    ),
    vehicles=(("苏E·B6618", "别克 GL8", 7, 64300), ("苏E·B2206", "帕萨特", 5, 91020)),
    drivers=(("姚师傅", "13812760011", "B1"), ("倪师傅", "13812760022", "C1")),
    gifts=(
        ("B001", "折扇书签", GIFT, "桃花坞木刻", "套", 46, False, 20, 200),
        ("B002", "反诈手册与放大镜", GIFT, "老年版", "套", 28, False, 50, 400),
        ("B003", "龙井茶礼盒", GIFT, "200 g", "盒", 168, False, 10, 40),
    ),
    barred=("刁三", "贷款中介", "某信息咨询部", "冒充本行员工招揽客户，2026 年 3 月"),
    occasions=(
        Occasion(
            "流动资金贷款授信会谈",
            VisitKind.NEGOTIATION,
            ("room",),
            Outcome.DEMAND,
            "抵押物评估由哪家机构做？",
            "名单内三家任选，费用由本行承担。",
            sensitive=True,
            of=("TEC",),
        ),
        Occasion(
            "代发工资与企业网银签约",
            VisitKind.SIGNING,
            ("room",),
            Outcome.WON,
            "网银限额能否按岗位设置？",
            "可以，开通时一并设置。",
            of=("TEC",),
        ),
        Occasion(
            "办理养老金账户与存折补登",
            VisitKind.SERVICE,
            (),
            Outcome.DONE,
            "存折丢了需要本人到场吗？",
            "本人带身份证即可，行动不便的可上门。",
            of=("平江老年大学", "沧浪业委会", "姑苏残联"),
        ),
        Occasion(
            "个人理财咨询",
            VisitKind.SERVICE,
            (),
            Outcome.DEMAND,
            "想了解三年期大额存单。",
            "本月额度已预留，到期提醒。",
            of=("尚书里贵宾", "沧浪业委会"),
        ),
        Occasion(
            "项目融资方案保密洽谈",
            VisitKind.NEGOTIATION,
            ("room", "meal", "car"),
            Outcome.AGREED,
            "能否引入银团？",
            "拟由两家银行牵头。",
            sensitive=True,
            of=("锦绣丝绸", "盛泽产业园", "新生代生物"),
        ),
        Occasion("反诈骗知识讲座", VisitKind.SEMINAR, ("room",), Outcome.DONE, of=("SAL",)),
        Occasion(
            "住房公积金贷款面签", VisitKind.SERVICE, (), Outcome.DONE, of=("园区人才中心", "尚书里贵宾", "沧浪业委会")
        ),
        Occasion("监管现场检查进场会谈", VisitKind.DOCUMENT_AUDIT, ("room",), Outcome.AGREED, of=("人行苏州",)),
        Occasion(
            "遗产账户公证与提取",
            VisitKind.SERVICE,
            (),
            Outcome.DOUBTS,
            "公证书要几份原件？",
            of=("尚书里贵宾", "姑苏残联"),
        ),
        Occasion(
            "商户收款码集中开通",
            VisitKind.SERVICE,
            (),
            Outcome.DONE,
            "节假日到账吗？",
            "实时到账，无手续费优惠到年底。",
            of=("胥江商户",),
        ),
    ),
    places=("得月楼", "本行职工餐厅", "新聚丰", "平江颂"),
    titles=("总经理", "财务总监", "会计主管", "出纳", "主任", "个人客户"),
    station="苏州站",
    tasks={"ADM": "引导、饮水、优先窗口", "TEC": "准备授信资料"},
    callers=(
        ("个人客户", "社保卡激活", "邹大妈", "sales"),
        ("个人客户", "大额取款预约", "潘先生", "sales2"),
        ("吴中区某诊所", "咨询对公开户", "柳医生", "tech"),
        ("个人客户", "兑换残损纸币", "施阿婆", "sales2"),
    ),
    complaints=(
        (
            "个人客户",
            "邹大妈",
            "取号后等了四十分钟，老人窗口没有人。",
            "优先窗口人员临时支援对公柜台。",
            "优先窗口固定一人，客户服务部致电致歉。",
        ),
        (
            "昆山精工模具有限公司",
            "邵立平",
            "面签当天缺一份表，跑了两趟。",
            "预约短信没有列全材料。",
            "短信模板补全，客户经理上门取件。",
        ),
        (
            "胥江花鸟市场商户联合会",
            "金阿宝",
            "自动门开关太快，推车过不去。",
            "感应时间设为三秒。",
            "调到八秒，并加贴提示。",
        ),
        ("沧浪新城业主委员会", "汤守仁", "洽谈室隔音不好，隔壁听得见。", "隔断老化。", "敏感业务改到第一洽谈室。"),
    ),
    inspections=(
        ("service_inspection", 16, "营业大厅服务", "office_head", "优先窗口标识清楚，引导到位。", ""),
        ("service_inspection", 48, "营业大厅服务", "office_head", "二号窗口等候较长。", "叫号机语音过轻"),
        ("statistics", 41, "上月来访接待统计", "office", "来访登记完整率 99%，满意度 4.7。", ""),
        ("venue_inspection", 7, "无障碍接待室", "office", "助听环、轮椅可用。", ""),
        ("daily_check", 1, "大厅与安检门", "front", "安检门灵敏度正常。", ""),
        ("satisfaction", 20, "客户满意度", "office", "老年客户满意度提高。", ""),
    ),
    trainings=(
        (33, "手语常用语与助老服务", "季明霞", ("front", "sales", "sales2", "office")),
        (14, "反洗钱与客户身份核验", "严正宇", ("tech", "tech2", "sales", "front")),
    ),
    violations=(
        ("tech2", 19, "R12-4.1", "未领访客证带客户进入办公区。", False, "oral_warning"),
        ("sales2", 44, "R12-5.2", "把来访资料留在会议室。", True, "fine"),
    ),
    incidents=(
        ("other", 4, "营业大厅", "客户情绪激动，大声争执。", "大堂经理与安保五分钟内到场，请到洽谈室沟通。", 5),
        ("injury", 23, "自助区", "老人低血糖头晕。", "就座喂糖水，通知家属，安保陪同。", 6),
        ("loss", 12, "等候区", "客户遗失钱包。", "调阅监控，当日由保洁拾得归还。", 35),
    ),
    records=("客户对办理速度满意", "业务当场办结，资料齐全"),
)


# ── A sales company ──────────────────────────────────────────────────────────────────────────────
SALES = Company(
    key="sales",
    name="雅居家居连锁股份有限公司",
    adopt=("R02", "R13", "R14", "R17"),
    departments=(
        ("ADM", "管理中心", "Management Centre"),
        ("SAL", "招商部", "Franchise Sales"),
        ("TEC", "设计督导部", "Design & Supervision"),
        ("FIN", "财务部", "Finance"),
        ("EXE", "董事长办公室", "Chairman's Office"),
        ("IT", "信息部", "IT"),
    ),
    users=(
        ("front", "程小满", "前台接待", "5000"),
        ("sales", "杜明轩", "招商销售经理", "5211"),
        ("sales_head", "龚雪莹", "招商部总监", "5201"),
        ("tech", "祝天成", "店面设计师", "5311"),
        ("tech_head", "雷鸣", "设计督导部总监", "5301"),
        ("office", "章若溪", "管理中心专员", "5102"),
        ("office_head", "卢凤仪", "管理中心总监", "5101"),
        ("exec", "尹雅居", "董事长", "5001"),
        ("finance", "万金萍", "会计主管", "5401"),
        ("sysadmin", "司徒亮", "系统管理员", "5501"),
        ("sales2", "田甜", "招商销售主管", "5212"),
        ("tech2", "樊少华", "门店督导", "5312"),
    ),
    customers=(
        ("洛阳牡丹家居广场", "牡丹家居", POTENTIAL, "SAL", "苗振海"),
        ("赣州客家装饰有限公司", "客家装饰", POTENTIAL, "SAL", "钟世杰"),
        ("昆明春城建材超市", "春城建材", EXISTING, "SAL", "杨春燕"),
        ("绵阳科学城家居馆", "科学城家居", POTENTIAL, "SAL", "蒲国华"),
        ("呼和浩特敕勒川家私", "敕勒川家私", POTENTIAL, "SAL", "巴图"),
        ("佛山陶尚瓷砖有限公司", "陶尚瓷砖", PARTNER, "TEC", "区志文"),
        ("临沂商城加盟商联盟", "临沂加盟商", IMPORTANT, "SAL", "臧学礼"),
        ("温州鹿城李建国（个人加盟）", "李建国", POTENTIAL, "SAL", "李建国"),
        ("哈尔滨冰城软装设计院", "冰城软装", PARTNER, "TEC", "关雪"),
        ("市商务局连锁经营处", "市商务局", GOVERNMENT, "SAL", "包处长"),
        ("海口椰风家居", "椰风家居", EXISTING, "SAL", "符明珠"),
        ("太原晋阳木业集团", "晋阳木业", IMPORTANT, "SAL", "郝宝山"),
    ),
    titles=("店长", "业务员", "总经理", "设计师", "采购经理", "合伙人", "项目经理"),
    rooms=(
        ("招商洽谈厅", "总部一层", 16, "投影、品牌片"),
        ("样板展厅会客区", "总部一层", 8, "电视屏、样品柜"),
        ("签约室", "总部二层", 10, "投影、背景板"),
        ("董事长会客室", "总部三层", 6, "茶台"),
        ("设计工坊", "总部二层", 8, "大屏、材料墙"),
    ),
    vehicles=(
        ("浙A·J1688", "别克 GL8", 7, 52300),
        ("浙A·J2699", "传祺 M8", 7, 31870),
        ("浙A·J3566", "大众迈腾", 5, 78450),
    ),
    drivers=(("葛师傅", "13757110011", "B1"), ("俞师傅", "13757110022", "B1"), ("解师傅", "13757110033", "C1")),
    gifts=(
        ("S001", "雅居香薰套装", GIFT, "三支装", "套", 128, False, 10, 120),
        ("S002", "龙泉青瓷茶具", GIFT, "一壶四杯", "套", 680, True, 3, 10),
        ("S003", "家居设计画册", GIFT, "2026 版", "册", 58, False, 30, 300),
        ("S004", "绍兴黄酒", WINE, "500 ml", "瓶", 96, False, 12, 72),
    ),
    barred=("郎百川", "加盟中介", "速成加盟网", "冒用品牌收取定金，2026 年 4 月"),
    occasions=(
        Occasion(
            "加盟考察：参观总部展厅与直营店",
            VisitKind.FRANCHISE,
            ("car", "tour", "meal", "send_off"),
            Outcome.DEMAND,
            "首批铺货最低要多少？",
            "标准店二十八万元，可分两期。",
            of=("potential",),
        ),
        Occasion(
            "加盟合同条款洽谈",
            VisitKind.NEGOTIATION,
            ("room", "car", "send_off"),
            Outcome.AGREED,
            "区域保护半径是多少？",
            "县级市独家，地级市三公里。",
            of=("potential",),
        ),
        Occasion(
            "签订加盟合同并交付定金",
            VisitKind.SIGNING,
            ("room", "car", "meal", "send_off"),
            Outcome.WON,
            "定金何时转为货款？",
            "首单发货时抵扣。",
            of=("potential", "important"),
        ),
        Occasion(
            "店面设计方案确认",
            VisitKind.TECHNICAL,
            ("room", "meeting"),
            Outcome.DOUBTS,
            "层高三米二能否做吊柜？",
            "可做二分段，设计师三天内出图。",
            of=("potential", "existing", "important", "冰城软装"),
        ),
        Occasion(
            "新品系列订货会",
            VisitKind.SEMINAR,
            ("tour", "meal"),
            Outcome.DEMAND,
            "岩板系列的返利政策？",
            "季度满三十万返三个点。",
            of=("existing", "important"),
        ),
        Occasion(
            "加盟店经营座谈与督导反馈",
            VisitKind.SEMINAR,
            ("meeting", "lodging", "car", "send_off"),
            Outcome.AGREED,
            "督导多久到店一次？",
            "每月一次，旺季两次。",
            nights=1,
        ),
        Occasion(
            "供应链与样品对接",
            VisitKind.TECHNICAL,
            ("meeting",),
            Outcome.AGREED,
            "样品返修由谁承担运费？",
            "质保期内由总部承担。",
            of=("TEC",),
        ),
        Occasion(
            "连锁经营规范调研",
            VisitKind.STUDY,
            ("tour",),
            Outcome.DONE,
            "特许备案是否齐全？",
            "备案号已提供，复印件随后寄出。",
            of=("government",),
        ),
    ),
    places=("外婆家", "知味观", "公司员工餐厅", "楼外楼"),
    station="杭州东站",
    tasks={"ADM": "展厅灯光、样品、茶水、接站", "TEC": "设计师讲解方案"},
    callers=(("过路客户", "想了解加盟政策", "贾先生", "sales"), ("邻近门店", "送还借用样品", "小汪", "tech2")),
    complaints=(
        ("昆明春城建材超市", "杨春燕", "补货柜门板色差明显。", "两批次板材混发。", "免费更换整套门板，物流加急。"),
        ("海口椰风家居", "符明珠", "督导两个月没来。", "台风停航后未补排。", "本周补访，并改为每月固定日。"),
        (
            "临沂商城加盟商联盟",
            "臧学礼",
            "返利少算了一个季度。",
            "系统按发货日而非签收日计。",
            "补发返利，规则写入合同附件。",
        ),
        ("洛阳牡丹家居广场", "苗振海", "考察当天展厅有两盏灯不亮。", "镇流器损坏未报修。", "当日更换，加入开馆检查。"),
    ),
    inspections=(
        ("venue_inspection", 3, "展厅与样板间", "office", "灯光、样品、保洁合格。", ""),
        ("venue_inspection", 15, "展厅与样板间", "office", "北欧区两盏射灯不亮。", "射灯镇流器两只"),
        ("class_review", 28, "加盟客户分类", "sales_head", "三家潜在客户升为重点。", ""),
        ("statistics", 26, "上月来访与签约统计", "office", "来访十九批，签约四家。", ""),
        ("daily_check", 1, "接站车辆", "office", "车内清洁，饮用水备齐。", ""),
    ),
    trainings=(
        (29, "统一演示文稿讲解", "龚雪莹", ("sales", "sales2", "tech", "front")),
        (10, "接站与送行礼仪", "卢凤仪", ("front", "office", "sales2")),
    ),
    violations=(
        ("sales2", 13, "R14-3.4", "拜访报告迟交五天。", False, "oral_warning"),
        ("sales", 36, "R13-3.8", "洽谈时政策底稿未收。", True, "written_warning"),
    ),
    incidents=(
        ("loss", 8, "样板展厅", "来宾孩子碰落样品花瓶。", "安抚来宾，样品登记报损，加装挡板。", 20),
        ("breach", 21, "设计工坊", "来宾翻拍未公开图纸。", "请其删除，并说明保密要求。", 12),
    ),
    going_out=(
        (
            "洛阳牡丹家居广场",
            OutboundPurpose.NEW_CUSTOMER,
            "potential",
            "介绍加盟政策，邀约到总部考察",
            "带回铺货测算表",
        ),
        ("昆明春城建材超市", OutboundPurpose.CARE, "current", "检查陈列，核对返利", "本月底前补发宣传物料"),
        ("绵阳科学城家居馆", OutboundPurpose.NEW_CUSTOMER, "potential", "选址勘察", "一周内出选址意见"),
        ("海口椰风家居", OutboundPurpose.COLLECTION, "current", "催收二期货款", "提供对账单盖章件"),
        ("临沂商城加盟商联盟", OutboundPurpose.LAUNCH, "current", "岩板新品推介", "送样六块到店"),
        ("太原晋阳木业集团", OutboundPurpose.RESEARCH, "target", "了解板材价格走势", ""),
    ),
    records=("客户对展厅和样板间很感兴趣", "客户认可品牌和供货能力"),
    wine="S004",
    souvenirs=(("S001", 2), ("S002", 1)),
)


COMPANIES = {company.key: company for company in (FACTORY, BANK, SALES)}


def person(n: int) -> str:
    return SURNAMES[n * 7 % len(SURNAMES)] + GIVEN[n * 5 % len(GIVEN)]


def identity(n: int) -> str:
    """An identity number of the right form and check digit, that belongs to nobody real."""
    body = f"320599{1965 + n % 35}{n % 12 + 1:02d}{n % 28 + 1:02d}{n % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
