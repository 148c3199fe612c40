"""Every word of the page that is not an article's or a person's."""

from __future__ import annotations

from newsqa.replies import ReasonCode, Role

TITLE = "newsqa"
QUESTION_LABEL = "Question"
QUESTION_HINT = "Ask about the news in these articles"
WELCOME = "Ask the articles"
WELCOME_MORE = (
    "Every answer is quoted word for word, with its source. If the articles do not say, "
    "you are told so."
)
TRY = "Try one of these"
SEARCHING = "Searching the articles …"
READING = "Reading {passages} from {articles} …"
READ = "Read {passages} from {articles}"
PASSAGES = ("{count} passage", "{count} passages")
ARTICLES = ("{count} article", "{count} articles")
OUTLETS_COUNTED = ("{count} outlet", "{count} outlets")
FROM_OUTLETS = "{articles} from {outlets}"
MONTHS = "{first} to {last}"
UPDATED = "updated"
SECONDS = "{count:.1f} s"
MILLISECONDS = "{count:.0f} ms"
CITATION = "Citation {n}"
ALSO = "Also in the coverage"
ROLE_HEADINGS: dict[Role, str] = {
    "answer": "",
    "supports": ALSO,
    "conflicts": "Reports differ",
    "earlier": "Reported earlier",
    "correction": "Corrected since",
    "related": "Closest passages",
}
ROLE_LABELS: dict[Role, str] = {
    "answer": "",
    "supports": "",
    "conflicts": "says otherwise",
    "earlier": "earlier report",
    "correction": "correction",
    "related": "",
}
CERTAINTY = (
    (0.75, "Very likely the answer"),
    (0.5, "Likely the answer"),
    (0.25, "Perhaps the answer"),
    (0.0, "Not sure this is the answer"),
)
HOW = "Technical details"
CERTAINTY_HINT = "Estimated probability that the first quote answers the question: {value:.0%}"
ABSTAIN_HEADS: dict[ReasonCode, str] = {
    "nothing_found": "Nothing about this in these articles",
    "not_stated": "These articles do not say",
    "outside_dates": "No answer within these dates",
    "filtered_out": "No answer within these filters",
}
NOT_HERE = "The answer is not in these articles."
HELD_BACK = "There is an answer outside the filters you set."
MISSING = "Not mentioned in the articles searched: {words}."
ALSO_PRINTED = "Also printed by"
READ_AS = "Searched as: {question}"
ARTICLE = "Article"
READER_EMPTY = "Open a citation to read the whole article here, with the quoted words marked."
CLOSE = "Close"
ORIGINAL = "Original article"
FURNITURE_LEFT_OUT = "Menus, share links and other parts of the website are left out here."
LOST_CHARACTERS = "Unreadable characters, each shown as \ufffd: {count}."
VERSION_OF = "Version {version} of {last}"
NEWER_VERSION = "A newer version of this article exists."
UNTITLED = "Untitled"
UNDATED = "undated"
NO_SOURCE = "source not named"
PAGE = "page {page}"
COPY = "Copy"
COPY_MARKDOWN = "Copy as Markdown"
ASK_AGAIN = "Ask again"
EDIT = "Edit"
CLEAR = "Clear"
BUSY = "Many questions are being answered right now. Please ask again in a few seconds."
WENT_WRONG = "Something went wrong. Your question is kept; please ask again."
TOO_LONG = "Questions can have up to {limit:,} characters; this one has {given:,}."
BAD_FILTER = "This filter cannot be used: {reason}."
UNREADABLE = "it could not be read"
GONE = "This article is no longer in the index."
STOPPED = "Stopped."
TOO_SLOW = "This took too long and was stopped. Please ask again."
CONVERSATION = "Conversation"
FILTERS = "Filters"
NO_FILTERS = "none"
CHANGE = "Change"
FROM = "From"
TO = "To"
AS_OF = "As of"
AS_OF_HINT = "Only articles published by that day, as they read then"
SINCE = "from {day}"
UNTIL = "to {day}"
AS_OF_DAY = "as of {day}"
OUTLETS = "Outlets"
ALL_OUTLETS = "All outlets if none is selected"
NO_OUTLET = "No outlet matches."
FIND_OUTLET = "Search {count} outlets"
MORE_OUTLETS = "and {count} more; find them by name below"
RESET = "Reset"
TAB_ASK = "Ask"
TAB_MANAGE = "Articles"
DROP = "Drop articles here"
DROP_MORE = (
    "Text, Markdown, HTML, PDF, Word, email, feeds, JSON Lines, or an archive of these; "
    "up to 20 MB each"
)
CHOOSE = "Choose files"
TOKEN = "Admin token"
IN_INDEX = "In the index"
FIND_ARTICLE = "Find an article"
REMOVE = "Remove"
LIGHT_DARK = "Switch between light and dark"
NO_SUCH_ARTICLE = "No article has these words in its title or outlet."
SHOWN = "{first}–{last} of {all}"
PREVIOUS = "Previous"
NEXT = "Next"
COLUMNS = ("Title", "Outlet", "Date")
REMOVE_ONE = "Remove {title}"
TAB_SEARCH = "Search"
SEARCH_LABEL = "Search for"
SEARCH_HINT = "Words or an “exact phrase”"
SEARCH_GO = "Search"
SORT = "Sort by"
BY_RELEVANCE = "relevance"
BY_DATE = "date"
HITS = "{passages} from {articles}, most relevant first"
HITS_BY_DATE = "{passages} from {articles}: the most relevant ones, newest first"
NO_HITS = "No article matches these words and filters."
REMAIN = "{fitting} of {total} selected"
TIMELINE = "Articles over time"
TIME_BAR = "{time}: {articles}"
WHOLE_TIME = "All dates"
HELPFUL = "Helpful"
NOT_HELPFUL = "Not helpful"
LINK = "Copy link"
EXPORT = "Export"
EXPORTS = (("markdown", "Markdown"), ("html", "Web page"), ("json", "JSON"))
PREVIOUS_CITATION = "Previous citation"
NEXT_CITATION = "Next citation"
VERSION = "Version {version}"
PASTE = "Or paste an article"
PASTE_TITLE = "Title"
PASTE_TEXT = "Text"
PASTE_ADD = "Add this text"
FOLDER = "Or add a folder on this server"
FOLDER_MORE = "It must be inside a folder that the operator allows. Articles already added stay."
FOLDER_PATH = "Path"
FOLDER_ADD = "Add this folder"
REBUILD = "Or rebuild the index"
REBUILD_GO = "Rebuild"
REBUILD_MORE = (
    "Splits and indexes the stored articles again where settings have changed. Files are not "
    "read again; use “newsqa index build” for that. Questions are answered meanwhile."
)
FACT_ARTICLES = "Articles"
FACT_PASSAGES = "Passages"
FACT_DATES = "Published"
FACT_CHANGED = "Last change"
HISTORY = "History"
HISTORY_MORE = "Your questions, kept in this browser only. Click to ask again."
FORGET_ALL = "Delete all"
KEYS = "Keyboard shortcuts"
KEY_LIST = (
    ("/", "write a question"),
    ("Enter", "send it"),
    ("Shift + Enter", "new line"),
    ("n, p", "next, previous citation"),
    ("h", "your earlier questions"),
    ("Esc", "leave the question, close the article"),
    ("?", "show this list"),
)
SINGLE_KEYS = "Single-key shortcuts"
SINGLE_KEYS_MORE = "When off, only Enter, Shift + Enter and Esc work. Saved in this browser."

# The words of the scripts: they go along with the page, and `say` in newsqa.js fills them in.
SCRIPT: dict[str, str | tuple[str, ...]] = {
    "since": SINCE,
    "until": UNTIL,
    "as_of": AS_OF_DAY,
    "page": PAGE,
    **{f"role_{role}": label for role, label in ROLE_LABELS.items() if label},
    "conversation": CONVERSATION,
    "tab_search": TAB_SEARCH,
    "remove": REMOVE,
    "reader_empty": READER_EMPTY,
    "send": "Send",
    "stop": "Stop",
    "step": "Citation {at} of {all}",
    "seconds": "{count} s",
    "wrong_dates": "The first date is after the last.",
    "also_printed": ALSO_PRINTED,
    "not_searched": "This cannot be searched for.",
    "adding": "Adding {which} of {all}: {names}",
    "adding_folder": "Adding {path}",
    "rebuilding": "Rebuilding",
    "doing": "{stage} {done}",
    "doing_of": "{stage} {done} of {total}",
    "added_one": "1 article added",
    "added": "{count} articles added",
    "there": "{count} already in the index",
    "not_taken": "{count} not added",
    "rebuilt": "Rebuilt with the current settings.",
    "as_it_was": "Nothing to rebuild: the index matches the settings.",
    "removed": "1 article removed.",
    "not_removed": "Not removed: {why}",
    "not_done": "Failed: {why}",
    "heads": ("File", "Result", "Reason"),
    "failed": "failed",
    "skipped": "skipped",
    "really": "Confirm removal",
    "answered_with": "the server replied with status {status}",
    "unreachable": "the server cannot be reached",
    "busy": "the server is busy; please try again in a few seconds",
    "not_shown": "This cannot be shown: {why}",
    "not_kept": "Feedback not saved: {why}",
    "not_copied": "This browser does not allow copying.",
    "pasted": "pasted",
    "not_here": "Not in these articles: {why}",
    "copied": "Copied",
    "proof": "Every quote is word for word; check them with the command “newsqa prove”.",
    "citations": "Citations for “newsqa prove”",
    "why": "Why",
    "reasons": ("not what I asked", "out of date", "the articles do say it", "something else"),
    "nothing_asked": "No questions yet.",
    "forget": "Delete “{question}”",
}
