"""`make screenshots`: the pictures in README, taken of a freshly founded demo."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.founded import lay
from tests.journeys.conftest import CHROMIUM, QUIET
from tests.running import PASSWORD, running_demo

FOLDER = Path(__file__).parent.parent / "static" / "pictures"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 780}
PICTURES = (
    ("front", "", "/", DESK),
    ("bills-on-a-phone", "", "/legislation/?jurisdiction=ph", PHONE),
    ("practice", "", "/library/we-chose-on-price", DESK),
    ("dashboard-on-a-phone", "manager", "/dashboard", PHONE),
    ("quote", "", "/join/?kind=provider_front&metric_full_time_equivalents=60&country=PH", DESK),
    ("staff-desk", "finance", "/staff/", DESK),
)


def take(browser, url, picture):
    name, account, path, size = picture
    context = browser.new_context(viewport=size, color_scheme="light")
    page = context.new_page()
    if account:
        page.goto(f"{url}/sign-in")
        page.fill("main [name=email]", f"{account}@demo.example")
        page.fill("main [name=password]", PASSWORD)
        page.click("main form button")
    page.goto(url + path)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=70)
    context.close()
    sys.stdout.write(f"static/pictures/{name}.jpg\n")


def _founded(folder):
    lay(folder / "kept", folder / "demo")
    return folder / "demo"


def main():
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running_demo(_founded(Path(folder))) as demo,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for picture in PICTURES:
            take(browser, demo.url, picture)
        browser.close()


if __name__ == "__main__":
    main()
