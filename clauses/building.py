"""From regulations as data (the TOML of `seed/regulations`) to the rulebook that rules are judged by. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from clauses.base import Check, Rulebook, Step, Terms
from clauses.contradictions import settle

OPEN = (None, None)


def build(version: int, regulations: Iterable[Mapping], choices: Mapping[str, str] | None = None) -> Rulebook:
    """The rulebook of `regulations`, each as `regulations.read` gives it, with the company's `choices`
    between contradictory clauses laid in. A regulation may bear `effective`, its first and last day."""
    terms: dict[str, list[Terms]] = {}
    steps, checks, forms, texts = [], [], {}, {}
    for regulation in regulations:
        effective = regulation.get("effective", OPEN)
        for clause in regulation["clause"]:
            if not clause.get("applies", True):
                continue
            cited = f"{regulation['code']}-{clause['number']}"
            for rule in _rules_of(clause):
                said = texts.setdefault(cited, {}).get(rule, ("", ""))
                if clause["zh"] not in said[0]:
                    texts[cited][rule] = (said[0] + clause["zh"], f"{said[1]} {clause['en']}".strip())

            def add(kind, params, cited=cited, effective=effective):
                terms.setdefault(kind, []).append(Terms(cited, params, effective))

            if clause.get("rule"):
                params = dict(clause.get("terms", {}))
                if clause["rule"] == "spending_cap":
                    params["per_guest"] = {
                        (cap["category"], cap["rank"]): Decimal(cap["per_guest"]) for cap in clause.get("cap", ())
                    }
                add(clause["rule"], params)
            # Only the regulation that grades suggests levels; the others' caps and duties go by its ranks.
            if "level" in clause and regulation.get("grades"):
                level = clause["level"]
                add(
                    "level_suggested",
                    {"rank": level["rank"], "code": level["code"]}
                    | {name: list(level.get(name, ())) for name in ("classes", "categories", "titles")},
                )
            for phase, kinds in (
                ("before", ("checklist_before", "checklist_skipped")),
                ("after", ("checklist_after",)),
            ):
                if any(item["phase"] == phase for item in clause.get("check", ())):
                    for kind in kinds:
                        add(kind, {"items": ()})
            checks += [
                Check(
                    cited,
                    item["phase"],
                    item["item"],
                    item.get("item_en", ""),
                    tuple(item.get("ranks", ())),
                    item.get("only_if", ""),
                    effective,
                )
                for item in clause.get("check", ())
            ]
            steps += [
                Step(
                    cited,
                    step["subject"],
                    step["step"],
                    step["role"],
                    step.get("rank_from", 1),
                    step.get("rank_to", 99),
                    Decimal(step.get("amount_from", 0)),
                    step.get("only_if", ""),
                    step.get("when_vacant", "refuse"),
                    effective,
                )
                for step in clause.get("step", ())
            ]
            for form in clause.get("forms", ()):
                forms.setdefault(form, []).append(cited)
    book = Rulebook(
        version,
        {kind: tuple(found) for kind, found in terms.items()},
        tuple(steps),
        tuple(checks),
        {form: tuple(dict.fromkeys(cited)) for form, cited in forms.items()},
        texts,
    )
    return settle(book, choices) if choices else book


def _rules_of(clause: Mapping) -> tuple[str, ...]:
    """The rules a clause's text belongs to: its own, and those made of its level and its checklist."""
    rules = [clause["rule"]] if clause.get("rule") else []
    if clause.get("rule") == "cycle":
        rules.append(f"cycle:{clause['terms']['what']}")
    rules += ["level_suggested"] if "level" in clause else []
    rules += ["checklist_before", "checklist_skipped", "checklist_after"] if clause.get("check") else []
    return tuple(rules) or ("",)
