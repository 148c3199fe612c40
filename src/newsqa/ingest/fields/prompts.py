"""Lines in which a site asks its readers to subscribe, to sign up, to log in or to pay."""

from __future__ import annotations

import re

_FREE = r"(?:free|complimentary) (?:articles?|stor(?:y|ies)|views?)"
_NUMBER = r"(?:\d+|one|two|three|four|five)"
_LETTER = (
    r"(?:newsletters?|inbox|(?:our|your|daily|weekly|free|morning|evening) "
    r".{0,30}(?:letter|briefing|digest|e-?mails?|bulletin))"
)
_PATTERNS = (
    # newsletters
    r"sign[ -]?up(?: (?:here|now|today|free)\b)*[.!]?",
    rf"(?:want more\? )?sign[ -]?up (?:here|now|today|for|to)\b(?=.*\b{_LETTER}\b).{{0,250}}",
    rf"get (?:the|our|all|a|more)\b(?=.*\b{_LETTER}\b).{{0,250}}",
    r"(?:join|read|try) our (?:free )?newsletter.{0,150}",
    r"enter your e-?mail.{0,100}",
    r"(?=.{0,250}\byour inbox\b).{0,160}\b(?:delivered|sent|straight|direct(?:ly)?|meet|"
    r"arrives?|news|stories|updates)\b.{0,40}\byour inbox\b.{0,120}",
    r"(?:by|when) (?:signing up|subscribing|registering|clicking .{1,30}),? you (?:will |also )?"
    r"(?:agree|accept|consent|acknowledge|receive)\b.{0,250}",
    r"please check the opt-in box.{0,150}",
    r"(?:thanks|thank you) for (?:signing up|subscribing).{0,80}",
    r"you can unsubscribe at any time.{0,80}|unsubscribe|manage (?:your )?preferences",
    # subscriptions and accounts
    r"subscribe",
    rf"subscribe(?: now| today| here)? (?:to|for)\b(?=.*\b(?:{_LETTER}|podcast|channel|digital|"
    r"access)\b).{0,250}",
    r"subscribe (?:now|today|here)\b.{0,150}",
    r"already (?:a |have an? )?(?:subscriber|subscription|subscribed|member|account)\?.{0,60}",
    r"(?:log|sign) in(?: (?:here|now))?|create (?:a |your )?(?:free )?(?:an )?account.{0,60}",
    r"(?:download|get) (?:our|the) (?:free )?app\b.{0,100}",
    # paywalls
    rf"you(?:['’]ve| have| are| now have)? (?:\w+ ){{0,8}}{_FREE}"
    r"(?: (?:left|remaining|this|for|per|a)\b.{0,80}|[.!]|)",
    rf"(?:this is )?(?:your |article )?(?:{_NUMBER}|last)(?: of \d+)? {_FREE}"
    r"(?: (?:left|remaining|this|for)\b.{0,60})?[.!]?",
    r"this (?:article|story|content) is (?:available )?(?:exclusively |only )?"
    r"(?:for|to) (?:paying )?(?:subscribers|members)(?: only)?[.!]?|(?:for )?subscribers only",
    r"to (?:continue|keep|finish) reading\b(?=.*\b(?:subscribe|register|log in|sign (?:in|up)|"
    r"account)\b).{0,200}",
    r"(?:please )?(?:subscribe|register|log in|sign (?:in|up))(?: now)?(?: for free)? to "
    r"(?:continue|keep|read|unlock|get|access)\b.{0,160}",
    r"(?:unlock|get) (?:this article|(?:unlimited|full) (?:digital )?access)\b.{0,160}",
    r"(?:start|try) your (?:free )?(?:trial|subscription)\b.{0,120}",
    r"(?:please )?support (?:our|quality|local|independent) journalism\b[:.!,].{0,160}",
    r"this copy is for your personal,? non-?commercial use\b.{0,250}",
)
_PROMPTS = [re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS]
_SPEECH = re.compile(r"\b(?:said|says|told|asked|wrote|added|according to)\b|[“”«»]", re.IGNORECASE)


def is_prompt(line: str) -> bool:
    """Return whether a line asks for a subscription or an account; one with speech never does."""
    return not _SPEECH.search(line) and any(pattern.fullmatch(line) for pattern in _PROMPTS)
