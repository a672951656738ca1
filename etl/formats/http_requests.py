"""What kind of event an HTTP request is, as SQL on method, URL and status. Never reads a log.

A page brings dozens of requests that nobody chose: only what a person did is an action, the rest
is passive (see the setting `passive_events`).
"""

# Files that a page brings along, or that machines ask for.
_ASSETS = (
    "avif|bmp|cur|gif|ico|jpe?g|png|svgz?|webp|tiff?|"
    "css|js|mjs|cjs|map|wasm|webmanifest|"
    "eot|otf|ttf|woff2?|"
    "m3u8|mp3|mp4|m4s|ogg|ogv|ts|vtt|wav|webm|"
    "atom|rss|xml|txt"
)
_DOWNLOADS = (
    "7z|apk|bz2|csv|deb|dmg|docx?|epub|exe|gz|iso|jar|msi|odp|ods|odt|pdf|pkg|pptx?|ps|rar|rpm|"
    "rtf|tar|tgz|xlsx?|xz|zip|zst"
)
_ASSET_PATH = rf"(?i)\.(?:{_ASSETS})$|^/(?:\.well-known/|favicon|apple-touch-icon|cgi-sys/)"
_DOWNLOAD_PATH = rf"(?i)\.(?:{_DOWNLOADS})$"
_API_PATH = r"(?i)(?:^|/)(?:api|graphql|jsonrpc|xmlrpc|wp-json)(?:[/.]|$)|\.json$"

WITH_PAGE = ("page_view", "form_submit", "download", "error")


def event_type(method: str, url: str, status: str) -> str:
    """SQL of the event type; the arguments are SQL of text, `method` in upper case.

    page_view, form_submit, download and error are what a person did or met; asset_request,
    api_request, redirect and background_request are what came with it.
    """
    path = f"split_part(split_part({url}, '?', 1), '#', 1)"
    return f"""case
        when regexp_matches({path}, '{_ASSET_PATH}') then 'asset_request'
        -- Not `in`: of five words the engine would make a join, which carries along all there is.
        when not regexp_full_match({method}, 'GET|POST|PUT|PATCH|DELETE') then 'background_request'
        -- The browser asks again with a password, or speaks another protocol from here on.
        when {status} in ('401', '101') then 'background_request'
        when {status} >= '400' then 'error'
        when regexp_matches({path}, '{_API_PATH}') then 'api_request'
        when {method} <> 'GET' then 'form_submit'
        -- What it leads to is the page view; 304 is a page that the browser still had.
        when {status} >= '300' and {status} <> '304' then 'redirect'
        when regexp_matches({path}, '{_DOWNLOAD_PATH}') then 'download'
        else 'page_view'
    end"""
