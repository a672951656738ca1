"""Whether a session shows a pattern, by trying all choices of its events. Its own code alone."""

from itertools import combinations

Line = list[tuple[int, str]]


def shows(line: Line, steps: list[str]) -> bool:
    """Whether some choice of events fulfils all steps, read word by word."""
    wanted = [
        text for text in steps if not text.startswith(("not ", "then not", "ends", "without"))
    ]
    others = [text.split() for text in steps if text not in wanted]
    kinds = [kind for _, kind in line]
    if any(words[0] == "not" and words[1] in kinds for words in others):
        return False
    ends = [words[1] for words in others if words[0] == "ends"]
    if ends and kinds[-1] not in ends:
        return False
    forbidden = [words[2] for words in others if words[:2] == ["then", "not"]]
    if not wanted:
        return True
    return any(
        not any(kind in forbidden for kind in kinds[chosen[-1] + 1 :])
        and follows(line, chosen, steps)
        for chosen in combinations(range(len(line)), len(wanted))
    )


def follows(line: Line, chosen: tuple[int, ...], steps: list[str]) -> bool:
    places = iter(chosen)
    last: int | None = None
    between: list[str] = []
    for text in steps:
        words = text.split()
        if words[0] == "without":
            between.append(words[1])
        elif words[0] in ("not", "ends") or words[:2] == ["then", "not"]:
            continue
        else:
            name = words[1] if words[0] == "then" else words[0]
            here = next(places)
            if name not in ("*", line[here][1]):
                return False
            if last is not None:
                if any(line[at][1] in between for at in range(last + 1, here)):
                    return False
                if "within" in words and line[here][0] - line[last][0] > int(words[-1][:-1]):
                    return False
            last, between = here, []
    return True
