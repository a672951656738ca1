"""User agents as they are seen in logs, and what they say of the device."""

import pytest

from etl.normalise.user_agents import agents

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
PEOPLE = [
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/140.0.0.0 Safari/537.36",
     "desktop", "Chrome", "Windows"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Chrome/140.0.0.0 Safari/537.36",
     "desktop", "Chrome", "Mac OS X"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/139.0.0.0 Safari/537.36",
     "desktop", "Chrome", "Chrome OS"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/140.0.0.0 Safari/537.36 "
     "Edg/140.0.0.0", "desktop", "Edge", "Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/138.0.0.0 Safari/537.36 "
     "OPR/122.0.0.0", "desktop", "Opera", "Windows"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
     "desktop", "Firefox", "Ubuntu"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {IOS} Version/18.5 Safari/605.1.15",
     "desktop", "Safari", "Mac OS X"),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
     "desktop", "IE", "Windows"),
    ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; Tablet PC 2.0)",
     "desktop", "IE", "Windows"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {KIT} Electron/37.2.0 Chrome/138.0.0.0 Safari/537.36 "
     "Notes/4.2", "desktop", "Electron", "Linux"),
    ("Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16", "desktop", "Opera", "Windows"),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {IOS} Version/18.5 Mobile/15E148 "
     "Safari/604.1", "mobile", "Mobile Safari", "iOS"),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {IOS} CriOS/140.0.7339.39 "
     "Mobile/15E148 Safari/604.1", "mobile", "Chrome Mobile iOS", "iOS"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/140.0.0.0 Mobile Safari/537.36",
     "mobile", "Chrome Mobile", "Android"),
    (f"Mozilla/5.0 (Linux; Android 14; SM-S921B) {KIT} SamsungBrowser/28.0 Chrome/130.0.0.0 "
     "Mobile Safari/537.36", "mobile", "Samsung Internet", "Android"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
     "mobile", "Firefox Mobile", "Android"),
    (f"Mozilla/5.0 (Linux; Android 9; CUBOT X19) {KIT} Chrome/110.0.0.0 Mobile Safari/537.36",
     "mobile", "Chrome Mobile", "Android"),
    ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)", "mobile", "Android", "Android"),
    ("Instagram 300.0 Android (33/13; 420dpi; 1080x2219; samsung; SM-A536B)",
     "mobile", None, "Android"),
    ("ShopApp/4.2 CFNetwork/1568.300 Darwin/24.5.0", "mobile", "ShopApp", "iOS"),
    ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/34.1; U; en) Presto/2.8.119",
     "mobile", "Opera Mini", None),
    (f"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) {IOS} Version/17.7 Mobile/15E148 "
     "Safari/604.1", "tablet", "Mobile Safari", "iOS"),
    (f"Mozilla/5.0 (Linux; Android 14; SM-X910) {KIT} Chrome/140.0.0.0 Safari/537.36",
     "tablet", "Chrome", "Android"),
    ("Mozilla/5.0 (Android 15; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0",
     "tablet", "Firefox Mobile", "Android"),
    (f"Mozilla/5.0 (Linux; Android 11; KFTRWI) {KIT} Silk/126.1 like Chrome/126.0 Safari/537.36",
     "tablet", "Amazon Silk", "Android"),
    (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) {KIT} Chrome/94.0 TV Safari/537.36",
     "other", "Chrome", "Tizen"),
    (f"Mozilla/5.0 (Linux; Android 9; AFTSS) {KIT} Silk/120.1 like Chrome/120.0 Safari/537.36",
     "other", "Amazon Silk", "Android"),
    ("Mozilla/5.0 (PlayStation 4 3.11) AppleWebKit/537.73 (KHTML, like Gecko)",
     "other", None, None),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {IOS} Mobile/15E148 "
     "Twitter for iPhone/10.90", "mobile", "Twitter", "iOS"),
    (f"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) {KIT} Version/4.0 Chrome/140.0.0.0 Mobile "
     "Safari/537.36 [FB_IAB/FB4A;FBAV/480.0.0.0;]", "mobile", "Facebook", "Android"),
    ("Mozilla/5.0", "other", None, None),
]  # fmt: skip

BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) {KIT} Chrome/140.0.0.0 Mobile Safari/537.36 "
    "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot-Image/1.0",
    "GoogleOther",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Mediapartners-Google",
    "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {IOS} Version/17.4 Safari/605.1.15 "
    "(Applebot/0.1; +http://www.apple.com/go/applebot)",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    f"Mozilla/5.0 {KIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    f"Mozilla/5.0 {KIT}; compatible; ChatGPT-User/1.0; +https://openai.com/bot",
    f"Mozilla/5.0 {KIT}; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot",
    f"Mozilla/5.0 {KIT}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "Claude-User",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    f"Mozilla/5.0 {KIT}; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    f"Mozilla/5.0 {KIT}; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
    f"Mozilla/5.0 (Linux; Android 5.0) {KIT} Mobile Safari/537.36 (compatible; Bytespider; "
    "spider-feedback@bytedance.com)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    f"Mozilla/5.0 {KIT}; compatible; Amazonbot/0.1; +https://developer.amazon.com/amazonbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/138.0 Safari/537.36 StatusCake",
    "Uptime-Kuma/1.23.13",
    "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
    "ELB-HealthChecker/2.0",
    "kube-probe/1.30",
    f"Mozilla/5.0 (X11; Linux x86_64) {KIT} HeadlessChrome/140.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Unknown; Linux x86_64) {KIT} PhantomJS/2.1.1 Safari/538.1",
    f"Mozilla/5.0 (Linux; Android 11; moto g) {KIT} Chrome/138.0 Mobile Safari/537.36 "
    "Chrome-Lighthouse",
    "curl/8.7.1",
    "Wget/1.24.5",
    "python-requests/2.32.3",
    "Python-urllib/3.12",
    "Python/3.12 aiohttp/3.10.5",
    "python-httpx/0.27.0",
    "Scrapy/2.11.2 (+https://scrapy.org)",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Java/21.0.2",
    "Apache-HttpClient/4.5.14 (Java/17.0.9)",
    "axios/1.7.2",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "GuzzleHttp/7",
    "PostmanRuntime/7.43.0",
    "libwww-perl/6.67",
    "Ruby",
    "Feedbin - 1 subscribers",
    "Tiny Tiny RSS/1.11 (http://tt-rss.org/)",
    "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/",
    "Mozilla/5.0 (compatible; Ezooms/1.0; help@moz.com)",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    # Those that name no robot, and are listed by crawler-user-agents.
    "Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.9.2.24; ips-agent) Gecko/20111107 Firefox/3.6.24",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.10; rv:41.0) Gecko/20100101 Firefox/55.0 "
    "BrandVerity/1.0",
    f"Mozilla/5.0 (X11; Linux x86_64) {KIT} Chrome/62.0.3202.75 Safari/537.36 DareBoost",
    f"Mozilla/5.0 (X11; Datanyze; Linux x86_64) {KIT} Chrome/65.0.3325.181 Safari/537.36",
    "Mozilla/5.0 zgrab/0.x",
    "Mozilla/5.0 (Java) outbrain",
    "newspaper/0.2.8",
    "Xenu Link Sleuth/1.3.8",
    "Hatena Antenna/0.3",
    "HatenaBookmark/4.0 (Hatena::Bookmark; Analyzer)",
    "Jersey/2.25.1 (HttpUrlConnection 1.8.0_141)",
    "Amazon CloudFront",
    "AHC/2.0",
    "Disqus/1.0",
]


@pytest.mark.parametrize(
    ("text", "device", "browser", "system"), PEOPLE, ids=[text for text, *_ in PEOPLE]
)
def test_a_user_agent_tells_device_browser_and_system(
    text: str, device: str, browser: str | None, system: str | None
) -> None:
    (row,) = agents([text])
    assert (row["device_type"], row["browser"], row["os"]) == (device, browser, system)


@pytest.mark.parametrize("text", BOTS)
def test_what_asks_without_a_person_is_a_bot(text: str) -> None:
    (row,) = agents([text])
    assert row["device_type"] == "bot"


@pytest.mark.parametrize("text", ["", " ", "-"], ids=["empty", "blank", "dash"])
def test_a_user_agent_that_says_nothing_is_unknown(text: str) -> None:
    assert agents([text]) == []
