"""What a browser calls itself, in a few words that its owner knows again: «Chrome trên Android»."""

UNKNOWN = "Trình duyệt khác"
BROWSERS = (
    ("zalo", "Zalo"),
    ("coc_coc", "Cốc Cốc"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
"""Most call themselves by others' names too: the first that is found is the one."""
SYSTEMS = (
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "máy Mac"),
    ("cros", "Chromebook"),
    ("linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Return the browser and the system; never anything of the text itself."""
    said = user_agent.lower()
    browser = next((name for mark, name in BROWSERS if mark in said), UNKNOWN)
    system = next((name for mark, name in SYSTEMS if mark in said), "")
    return f"{browser} trên {system}" if system else browser
