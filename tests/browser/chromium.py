"""Where Chromium is, or how to get it: ``python -m tests.browser.chromium``."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip
MAC_APPS = ("Chromium", "Google Chrome", "Microsoft Edge")
FONTS = Path("/usr/share/fonts")

# Package manager, its refresh, its installation, and what is missing called by its names.
LINUX = {
    "apt-get": (["update", "-q"], ["install", "-qy", "--no-install-recommends"]),
    "dnf": ([], ["install", "-qy"]),
    "apk": (["update"], ["add", "-q"]),
}
PACKAGES = {
    "apt-get": {"browser": "chromium", "fonts": "fonts-noto-cjk"},
    "dnf": {"browser": "chromium", "fonts": "google-noto-sans-cjk-fonts"},
    "apk": {"browser": "chromium", "fonts": "font-noto-cjk"},
}


def find() -> str | None:
    """The path of an installed Chromium (or a browser made from it)."""
    for name in NAMES:
        path = shutil.which(name)
        if path and _works(path):
            return path
    for app in MAC_APPS:
        path = f"/Applications/{app}.app/Contents/MacOS/{app}"
        if os.access(path, os.X_OK):
            return path
    return _from_playwright()


def _works(path: str) -> bool:
    """Whether it starts; Ubuntu's ``chromium-browser`` may only be a hint to install a snap."""
    done = subprocess.run([path, "--version"], capture_output=True, check=False)
    return done.returncode == 0


def _from_playwright() -> str | None:
    """The one ``playwright install chromium`` puts into its cache."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.access(path, os.X_OK) else None


def has_chinese_font() -> bool:
    """Whether Chinese text shows as more than boxes."""
    if platform.system() == "Darwin":
        return True
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
        return bool(listed.stdout.strip())
    return any(FONTS.rglob("*CJK*"))


def install(missing: list[str]) -> bool:
    """Install from the system's packages; say so before and return whether it worked."""
    if platform.system() == "Darwin":
        return bool(shutil.which("brew")) and _run(["brew", "install", "--cask", "chromium"])
    manager = next((name for name in LINUX if shutil.which(name)), None)
    prefix = _as_root()
    if manager is None or prefix is None:
        return False
    refresh, add = LINUX[manager]
    if refresh and not _run([*prefix, manager, *refresh]):
        return False
    packages = [PACKAGES[manager][what] for what in missing]
    return _run([*prefix, manager, *add, *packages])


def _as_root() -> list[str] | None:
    """What to put before a command that needs root; ``None`` when we cannot be root."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = sys.stdin.isatty() and not os.environ.get("CI")
        silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked or silent.returncode == 0:
            return ["sudo"]
    return None


def _run(command: list[str]) -> bool:
    """Run a command in the open."""
    print("+", " ".join(command), flush=True)
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environ, check=False).returncode == 0


def main() -> int:
    """Make sure that there is a Chromium; without one the browser tests are skipped."""
    missing = [
        what
        for what, there in (("browser", find() is not None), ("fonts", has_chinese_font()))
        if not there
    ]
    if not missing:
        return 0
    print(f"Missing for the browser tests: {', '.join(missing)}. Installing …", flush=True)
    if not install(missing) and "browser" in missing:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if find() is None:
        print("No Chromium: install one, or the browser tests cannot run.", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
