"""The words of follow-up and fairness: one template for each code, one table for each language.

Nothing else in these two answers is text: the audits give codes and numbers, and ``say`` makes
words of them. Another language is another table with the same codes and the same fields in braces.
"""

from __future__ import annotations

__all__ = ["PHRASES", "say", "word"]

_EN = {
    # -- headings --
    "code": "code",
    "municipality": "municipality",
    "county": "county",
    "requested": "requested",
    "requested_original": "first request",
    "decided": "decided",
    "agreed": "agreed",
    "settled": "settled",
    "used": "used",
    "accepted": "accepted",
    "answer": "answer",
    "minors": "minors",
    "difference": "difference",
    "year": "year",
    "class": "class",
    "left_out": "left out",
    "refused": "refused",
    "open": "open",
    "compared": "compared",
    "place": "place",
    "note": "note: {text}",
    # -- statuses, as they stand in a cell --
    "cell.suppressed": "hidden",
    "cell.missing": "no figure",
    "cell.pending": "pending",
    "cell.not_requested": "not asked",
    "cell.not_given": "–",
    "cell.partial": "{persons} partial",
    # -- statuses, as they are counted: of a decision, and of anything else --
    "count.suppressed": "{n} hidden",
    "count.missing": "{n} without a figure",
    "count.pending": "{n} pending",
    "count.not_requested": "{n} not asked",
    "count.not_given": "{n} not in this vintage",
    "count.total.decided.missing": "{n} none registered",
    # -- answers --
    "answer.beyond": "beyond",
    "answer.as_asked": "as asked",
    "answer.short": "short",
    "answer.refused": "refused",
    "answer.pending": "pending",
    "answer.none_registered": "none registered",
    "answer.partial": "so far",
    "answer.hidden": "hidden",
    "answer.unasked": "unasked",
    "answer.not_asked": "not asked",
    "answer.request_unknown": "request not known",
    "answer.no_figures": "no figures",
    "answer.not_given": "–",
    # -- follow-up --
    "follow.head": "Follow-up {year} · {area}{vintage} · {n} municipalities",
    "follow.vintage": " · vintage {vintage}",
    "nation": "Norway",
    "in_all": "in all",
    "own.of": "{area}, own",
    "follow.minors": "Unaccompanied minors, a part of the above",
    "follow.sums": "Sums of municipalities, and what the counties published themselves (own)",
    "follow.sizes": "By inhabitants (compared: request and decision known; open: no decision yet)",
    "follow.centrality.ssb_centrality_1to6": "By centrality (1 most central, 6 least)",
    "follow.centrality.ssb_centrality_2008_0to3": "By centrality (3 most central, 0 least)",
    "follow.ranking": "Extraordinary effort: {by} relative to requested, of {floor} or more",
    "follow.trend": "Over the years: {area}",
    "follow.total": "{area}, sum of municipalities: {figures}",
    "follow.total.minors": "{area}, unaccompanied minors: {figures}",
    "follow.own": "{area}, the county's own figures ({vintage}): {figures}",
    "follow.own.nation": "{area}, national figures as published: {figures}",
    "figure": "{persons} {stage}",
    "figure.none": "{stage} not in this vintage",
    "figure.no": "no {stage} figures",
    "figure.minors": "{persons} {stage}, {minors} of them minors",
    "so_far": "{persons} {stage} so far",
    "too_few": "{n} too few",
    "too_many": "{n} more than requested",
    "just": "as many as requested",
    "follow.compared": "in the {n} where both are known: {requested} requested, {decided} decided, "
    "{balance}",
    "follow.gross": "short by {short} in all, beyond by {beyond} in all",
    "follow.open": "{requested} requested of {n} with none registered or pending",
    "follow.hidden": "{requested} requested of {n} whose decision is hidden: nobody can say how "
    "many are too few in all",
    "follow.left_out": "{stage} leaves out {n} (never taken as 0): {told}",
    "follow.partial": "{stage}: {n} of the figures are of a part of the year, or were incomplete",
    "follow.first": "{requested} was the first request; decisions may answer that one",
    "follow.used": "utilisation, settled / decided where both are known: {pct}{so_far}",
    "follow.beside": "decided / requested {here}, in the whole country {nation}",
    "so_far.mark": " so far",
    "follow.outside": "{n} other municipalities have no figures in this vintage",
    "follow.refused": "refused (decided 0): {names}",
    "follow.none_registered": "no decision registered: {names}",
    "follow.pending": "decision pending: {names}",
    "follow.short": "furthest short of the request: {names}",
    "follow.beyond": "decided beyond the request: {names}",
    "follow.used.beyond": "settled beyond the decision: {names}",
    "follow.no_county": "these are the county's own figures; its municipalities are not in this "
    "vintage",
    # -- fairness --
    "fair.head": "{scenario} · {year} · model {model} · is it fair?",
    "fair.measures": "How even it is: 0 is even, 1 is all on one",
    "fair.yardstick": "yardstick",
    "fair.entitlement": "entitlement (relative load)",
    "fair.inhabitants": "1 000 inhabitants",
    "fair.minors_0_17": "minors, 1 000 aged 0–17",
    "fair.gini": "Gini",
    "fair.loosemore_hanby": "Loosemore–Hanby",
    "fair.least": "least",
    "fair.least_asked": "least asked",
    "fair.most": "most",
    "fair.mean": "mean",
    "fair.who": "{by}: least of those asked {least} ({least_of}), most {most} ({most_of})",
    "fair.lorenz": "Lorenz: share of persons on the least loaded part of the yardstick",
    "fair.least_part": "{share}",
    "fair.counties": "By county (load: asked / entitlement; over: persons above the key's share)",
    "fair.asked": "asked",
    "fair.load": "load",
    "fair.from": "from",
    "fair.to": "to",
    "fair.per_1000": "per 1 000",
    "fair.children": "0–17",
    "fair.over": "over",
    "fair.sizes": "By inhabitants",
    "fair.equal": "Equals in different counties: inhabitants and entitlement within {pct}, "
    "centrality alike",
    "fair.equal.none": "Equals in different counties: no two are alike within {pct}",
    "fair.pairs": "{n} pairs, largest gap {gap} persons, mean {mean}; in {beyond} the gap is more "
    "than a person beyond the key's own",
    "fair.more": "asked for more",
    "fair.fewer": "asked for fewer",
    "fair.gap": "gap",
    "fair.key_gap": "of it by key",
    "fair.split": "Price of the county split ({split} against free)",
    "fair.split.moved": "{moved} persons are in another municipality with the split than without "
    "it, {between} in another county",
    "fair.split.what": "measure",
    "fair.split.with": "with split",
    "fair.split.without": "without",
    "fair.split.change": "change",
    "fair.split.county": "county totals that change: {names}",
    "fair.split.one-county": "one county: a split by county changes nothing",
    "fair.split.failed": "with county.split = {split} there is no proposal: {why}",
    "fair.split.place": "place",
    "fair.split.even": "even",
    "fair.split.steady": "steady",
    "fair.split.gini": "Gini of the load",
    "fair.split.loosemore_hanby": "Loosemore–Hanby of the load",
    "fair.split.least_asked": "least load of those asked",
    "fair.split.most": "most load",
    "fair.split.largest_gap": "largest gap between equals",
    "fair.split.mean_gap": "mean gap between equals",
    "fair.split.beyond_key": "equals unlike beyond the key",
    "fair.price": "Price of the goals: {goal} reaches {value} {measure}",
    "fair.price.of": "; the goals before it cost it {price}",
    "fair.no_children": "inhabitants aged 0–17 were not known on the day of the case: minors have "
    "no yardstick of their own",
    "fair.no_classes": "no centrality classes on the borders of the year: equals are found without",
    "fair.left_out": "{by}: {n} municipalities without it are left out",
    "more": "{names} and {n} more",
    "unknown": "not known",
    "0-4999": "under 5 000",
    "5000-9999": "5 000–9 999",
    "10000-19999": "10 000–19 999",
    "20000-49999": "20 000–49 999",
    "50000-": "50 000 and more",
}

PHRASES: dict[str, dict[str, str]] = {"en": _EN}
"""Language → code → template."""


def say(code: str, lang: str = "en", /, **fields: object) -> str:
    """The words of a code, with its fields filled in.

    >>> say("too_few", n=104)
    '104 too few'
    """
    return PHRASES[lang][code].format(**fields)


def word(code: str, lang: str = "en", /) -> str:
    """The words of a code if there are any, else the code itself: for classes that are numbers."""
    return PHRASES[lang].get(code, code)
