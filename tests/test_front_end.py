"""What a page costs, and whether everybody can use it: bytes and requests, look-ups by keyboard, contrast, phones."""

import pytest

from tests.browsing import Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HEAVIEST, REQUESTS = 60_000, 5
"""What a page may cost with an empty cache: bytes on the wire, requests."""
PAGES = {
    "visits": ("sales", "/admin/visit/"),
    "a new visit": ("sales", "/admin/visit/new/"),
    "to-do": ("sales", "/admin/"),
    "arrivals": ("front", "/admin/"),
}

CONTRAST = """() => {
  const light = (rgb) => rgb.map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const colour = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const { rgb, a } = colour(getComputedStyle(node).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const faint = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement, style = getComputedStyle(node);
    if (!walk.currentNode.data.trim() || !node.checkVisibility() || node.closest(":disabled, svg, noscript")) continue;
    const [a, b] = [light(colour(style.color).rgb), light(behind(node))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 600);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faint.add(`${node.className || node.tagName}: ${style.color}`);
  }
  return [...faint];
}"""
"""Texts of the page that do not stand out enough from what is behind them (WCAG 2.2 AA)."""

UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.labels?.length || node.ariaLabel || node.textContent.trim() || node.title))
  .map((node) => node.outerHTML.slice(0, 90))"""
"""Controls that nobody can name who does not see the page."""

SMALL = """() => [...document.querySelectorAll(".btn, .form-control, .quiet, .burger, .tick-item, .lookup-tag")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().height < 40)
  .map((node) => `${node.className} ${node.getBoundingClientRect().height}`)"""
"""Controls that a finger misses."""


class Wire:
    """What a page's load takes over the wire, as the browser's own network log has it."""

    def __init__(self, page):
        self.sent, self.bytes, self.asked_again = {}, 0, []
        log = page.context.new_cdp_session(page)
        log.send("Network.enable")
        log.on("Network.requestWillBeSent", self.asked)
        log.on("Network.responseReceived", self.received)
        log.on("Network.requestServedFromCache", lambda event: self.sent.pop(event["requestId"], None))
        log.on("Network.loadingFinished", self.finished)
        log.on("Network.responseReceivedExtraInfo", self.status)

    def asked(self, event):
        if event["request"]["url"].startswith("http"):
            self.sent[event["requestId"]] = event["request"]["url"]

    def received(self, event):
        if event["response"].get("fromDiskCache"):
            self.sent.pop(event["requestId"], None)

    def finished(self, event):
        if event["requestId"] in self.sent:
            self.bytes += event["encodedDataLength"]

    def status(self, event):
        if event["statusCode"] == 304:
            self.asked_again.append(event["requestId"])


def load(page, address, asks) -> Wire:
    """Open `address` and wait until nothing is under way; `asks`: also what its form would mean."""
    wire = Wire(page)
    if asks:
        with page.expect_response("**/check/"):
            page.goto(address)
    else:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    return wire


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_light_when_new_and_asks_for_nothing_again(chromium, served, office, page):
    url, _ = served
    username, path = PAGES[page]
    for _ in range(20 if page == "visits" else 0):
        office.create_visit()
    person = Person(chromium, url, username)
    person.page.context.new_cdp_session(person.page).send("Network.clearBrowserCache")
    asks = path.endswith("/new/")
    cold = load(person.page, url + path, asks)
    assert cold.bytes <= HEAVIEST and len(cold.sent) <= REQUESTS, (cold.bytes, cold.sent)
    warm = load(person.context.new_page(), url + path, asks)
    assert not warm.asked_again, (warm.asked_again, warm.sent)
    assert len(warm.sent) == 1 + asks, "the page itself, and what its form would mean"
    person.done()


def test_a_look_up_is_used_by_keyboard_and_understands_composed_input(chromium, served):
    url, _ = served
    sales = Person(chromium, url, "sales")
    sales.go("/admin/visit/new/")
    page = sales.page
    box, options = page.locator("#customer-text"), page.locator("#customer-list [role=option]")
    # Tab leads to it; what the arrows point at is told to a screen reader; Enter takes it.
    box.focus()
    page.keyboard.type("有限公司")
    options.nth(1).wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    pointed = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert pointed.get_attribute("aria-selected") == "true"
    name = pointed.text_content()
    page.keyboard.press("Enter")
    assert page.locator(".lookup-tag").first.text_content() == name
    chosen = page.input_value("#customer")
    assert chosen.isdigit() and page.evaluate("document.activeElement.className") == "lookup-tag"
    # The tag takes it back, and the box is there again.
    page.keyboard.press("Enter")
    assert page.input_value("#customer") == "" and box.is_visible()
    # Several: each is added, Backspace takes the last one back, Escape closes.
    several = page.locator("#escort_users-text")
    tags = page.locator("#escort_users ~ .lookup-tags .lookup-tag")
    for count, name in enumerate(("赵宏伟", "周建国")):
        several.fill(name)
        page.keyboard.press("Enter")  # faster than the answer: it is what was typed that counts
        tags.nth(count).wait_for()
        assert name in tags.nth(count).text_content()
    page.keyboard.press("Backspace")
    assert tags.count() == 1
    several.fill("nobody at all")
    page.locator("#escort_users-list .fine").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#escort_users-list").is_hidden()
    # While letters are composed into characters nothing is asked, and Enter ends the composition, not the search.
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "ajax/lookup" in request.url else None)
    ime = page.context.new_cdp_session(page)
    several.fill("")
    several.blur()
    several.focus()
    page.wait_for_timeout(400)
    asked.clear()
    ime.send("Input.imeSetComposition", {"text": "zhao", "selectionStart": 4, "selectionEnd": 4})
    page.wait_for_timeout(400)
    assert asked == []
    with page.expect_request("**/ajax/lookup/**") as request:
        ime.send("Input.insertText", {"text": "赵"})
    assert request.value.url.endswith("&query=%E8%B5%B5") and len(asked) == 1
    sales.done()


def test_a_look_up_that_is_left_closes_and_words_that_chose_nothing_are_no_choice(chromium, served):
    url, _ = served
    sales = Person(chromium, url, "sales")
    sales.go("/admin/visit/new/")
    page = sales.page
    # Tab leads from the box to the next field, past the rows of an open list however many they are.
    page.focus("#customer-text")
    page.locator("#customer-list [role=option]").nth(8).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "organisation"
    # Left before the server was asked: no list opens behind the one who left.
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "query=%E6%81%92" in request.url else None)
    page.focus("#customer-text")
    page.keyboard.type("恒")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    assert asked == [] and page.locator("#customer-list").is_hidden()
    # Nor behind who chose before the server was asked.
    page.fill("#escort_users-text", "")
    page.focus("#escort_users-text")
    page.locator("#escort_users-list [role=option]").first.wait_for()
    page.evaluate("""() => {
      const box = document.getElementById("escort_users-text");
      box.value = "赵";
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
      document.querySelector("#escort_users-list [role=option]").click();
    }""")
    page.wait_for_timeout(500)
    assert page.locator("#escort_users-list").is_hidden()
    # What was typed and chose nothing stays, with a sentence on the field; so it does where several are chosen.
    page.fill("#escort_users-text", "赵")
    page.fill("#purpose", "参观")
    sales.save()
    assert page.locator("#customer-error").inner_text() == page.locator("#escort_users-error").inner_text()
    assert "从列表中" in page.locator("#customer-error").inner_text()
    assert (page.input_value("#customer-text"), page.input_value("#escort_users-text")) == ("恒", "赵")
    assert page.input_value("#purpose") == "参观"
    # Chosen now, it is the row that counts.
    sales.look_up("customer", "恒远新能源")
    page.fill("#escort_users-text", "")
    sales.save()
    assert page.locator("#customer-error").count() == page.locator("#escort_users-error").count() == 0
    sales.done()


def test_a_check_that_fails_says_so_and_a_look_up_too(chromium, served):
    url, _ = served
    sales = Person(chromium, url, "sales")
    sales.go("/admin/visit/new/")
    page = sales.page
    page.route("**/check/**", lambda route: route.fulfill(status=400))
    page.route("**/ajax/lookup/**", lambda route: route.abort())
    page.fill("#purpose", "参观")
    page.locator("[data-live] .error").wait_for()
    assert "保存时会检查" in page.inner_text("[data-live]")
    page.click("#customer-text")
    page.locator("#customer-list .fine").wait_for()
    sales.context.close()


def test_without_javascript_a_form_is_complete_and_says_what_it_lacks(chromium, served):
    url, _ = served
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(url + "/login")
    page.fill("#username", "sales")
    page.fill("#password", "demo-yingke")
    page.click("button.btn-block")
    page.goto(url + "/admin/visit/new/")
    assert "JavaScript" in page.inner_text(".lookup >> nth=0") and page.locator("#customer-text").is_hidden()
    assert page.locator("#host ~ .lookup-tags").inner_text().startswith("陈志远"), "what is chosen can be read"
    page.fill("#purpose", "参观产线")
    page.select_option("#level", label="C 普通")
    page.fill("#organisation", "苏州恒远新能源有限公司")
    page.fill("#planned_start", "2027-03-01T09:00")
    page.fill("#planned_end", "2027-03-01T11:00")
    page.click("main .save .btn-primary")
    assert page.inner_text("h1").startswith("LF-"), page.locator(".error, .flash").all_inner_texts()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_name_and_reach_what_is_on_a_page(chromium, served, office, width):
    """Contrast, a name for every control, on a phone the size of a finger; errors tied to their fields."""
    url, _ = served
    visit = f"/admin/visit/details/?id={office.create_visit()}"
    pages = ["/admin/", "/admin/visit/", "/admin/visit/new/", "/admin/expense/new/", "/admin/customer/", "/password"]
    sales = Person(chromium, url, "sales", width)
    for path in [*pages, visit]:
        sales.go(path)
        assert sales.page.evaluate(CONTRAST) == [], path
        assert sales.page.evaluate(UNNAMED) == [], path
        if width == 390:
            assert sales.page.evaluate(SMALL) == [], path
        assert sales.page.get_attribute("html", "lang") == "zh-Hans"
        assert sales.page.locator("thead th:not([scope=col])").count() == 0, path
    sales.go("/admin/visit/new/")
    sales.save()
    wrong = sales.page.locator("#purpose")
    assert wrong.get_attribute("aria-invalid") == "true"
    described = wrong.get_attribute("aria-describedby").split()[0]
    assert sales.page.inner_text(f"#{described}").strip()
    assert sales.page.evaluate(CONTRAST) == []
    sales.done()


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(chromium, served):
    url, _ = served
    sales = Person(chromium, url, "sales", 390)
    page, entry = sales.page, sales.page.locator(".side a >> nth=0")
    page.focus("#drawer")
    assert page.get_attribute("#drawer", "aria-expanded") == "false" and not entry.is_visible()
    page.keyboard.press("Enter")
    entry.wait_for(state="visible")
    assert page.get_attribute("#drawer", "aria-expanded") == "true"
    page.keyboard.press("Escape")
    entry.wait_for(state="hidden")
    sales.done()
