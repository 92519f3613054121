"""What a file of results says, as Markdown: every project, also those that gained nothing, and the means over them."""

SIDES = ("original", "rewritten")
# Headroom above which the mean is told by itself.
WORTHWHILE = 0.3
# How near a prediction from measured steps has to be, and what of that is too short to matter.
NEAR, SHORT = 0.25, 0.5
# How far one from priors may be off.
FACTOR = 2.0


def write(results, projects):
    """Prints the tables."""
    order = {name: place for place, name in enumerate(projects)}
    results = sorted(results, key=lambda one: order.get(one["project"], len(order)))
    ours = [one for one in results if one["builder"] == "rplan"]
    replayed = [Replay(one) for one in ours if (one.get("verdict") or {}).get("replay")]
    table(
        ["project", "headroom", "cold build", "mean rebuild", "change", "steps as predicted", "undeclared"],
        [of_rplan(one) for one in ours],
    )
    table(
        ["project", "rebuilds predicted", "measured", "within 25 %", "by priors", "off by"],
        [one.predictions() for one in replayed],
    )
    theirs = [one for one in results if one["builder"] == "buildah"]
    table(["buildah", "cold build", "mean rebuild", "change"], [of_buildah(one) for one in theirs])
    for line in verdicts(ours, replayed):
        print(f"- {line}")
    return 0


class Replay:
    """One project that was replayed by rplan."""

    def __init__(self, result):
        self.name, self.headroom = result["project"], headroom(result)
        self.outlook = result["outlook"]
        verdict = result["verdict"]
        first, *self.rebuilds = verdict["replay"]["commits"]
        # Both files were built from nothing twice: before the replay and at its first commit.
        self.cold = {
            side: (verdict["cold"][side]["seconds"] + first["rebuilds"][side]["seconds"]) / 2 for side in SIDES
        }
        self.mean = {side: mean([one["rebuilds"][side]["seconds"] for one in self.rebuilds]) for side in SIDES}
        self.change = self.mean["rewritten"] / self.mean["original"] - 1
        self.forecasts = [
            (one["forecasts"][side], one["rebuilds"][side]["seconds"]) for one in self.rebuilds for side in SIDES
        ]
        self.exact = sum(forecast["is_exact"] for forecast, _ in self.forecasts)
        self.near = sum(is_near(forecast["seconds"], took) for forecast, took in self.forecasts)
        self.undeclared = sum(one["count"] for one in verdict["replay"]["differing"])
        self.refused = [one["proposal"] for one in verdict["failed"]]

    def predictions(self):
        """What was predicted beside what was, in one row."""
        said = {side: mean([one["forecasts"][side]["seconds"] for one in self.rebuilds]) for side in SIDES}
        row = [self.name, pair(said), pair(self.mean), f"{self.near}/{len(self.forecasts)}"]
        if not self.outlook:
            return [*row, "none", ""]
        priors = dict(zip(SIDES, (seconds / 100 for seconds in self.outlook["per_hundred"])))
        off = " and ".join(f"× {factor(priors[side], self.mean[side]):.1f}" for side in SIDES)
        return [*row, pair(priors), off]

    def within_factor(self):
        """Whether the priors told the mean rebuild of the original."""
        return self.outlook and factor(self.outlook["per_hundred"][0] / 100, self.mean["original"]) <= FACTOR


def of_rplan(result):
    """One row of the table of rplan's own builds."""
    share = "" if headroom(result) is None else f"{headroom(result):.2f}"
    if not (result.get("verdict") or {}).get("replay"):
        return [result["project"], share, told(result), "", "", "", ""]
    one = Replay(result)
    exact = f"{one.exact}/{len(one.forecasts)}"
    return [one.name, share, pair(one.cold), pair(one.mean), f"{one.change:+.1%}", exact, str(one.undeclared)]


def of_buildah(result):
    if "commits" not in result:
        return [result["project"], told(result), "", ""]
    first, *rebuilds = result["commits"]
    means = {side: mean([one[side] for one in rebuilds]) for side in SIDES}
    return [result["project"], pair(first), pair(means), f"{means['rewritten'] / means['original'] - 1:+.1%}"]


def told(result):
    why = result.get("why", "").strip().splitlines()
    return result["outcome"] + (f": {why[-1][:90]}" if why else "")


def verdicts(ours, replayed):
    """What all of it comes to."""
    # A file that comes back byte for byte, or for which nothing passed, rebuilds as before.
    changes = [(one.headroom or 0.0, one.change) for one in replayed]
    changes += [(headroom(one) or 0.0, 0.0) for one in ours if one["outcome"] in ("unchanged", "refused by verification")]
    if not changes:
        return
    yield f"mean change of the rebuild time over all {len(changes)} projects: {mean([one for _, one in changes]):+.1%}"
    worthwhile = [change for share, change in changes if share > WORTHWHILE]
    if worthwhile:
        yield f"over the {len(worthwhile)} with a headroom above {WORTHWHILE}: {mean(worthwhile):+.1%}"
    if replayed:
        yield f"over the {len(replayed)} that were rewritten: {mean([one.change for one in replayed]):+.1%}"
        rebuilds = sum(len(one.forecasts) for one in replayed)
        yield f"steps that ran as predicted: {sum(one.exact for one in replayed)} of {rebuilds} rebuilds"
        yield f"seconds within {NEAR:.0%} or {SHORT} s: {sum(one.near for one in replayed)} of {rebuilds} rebuilds"
        by_priors = [one for one in replayed if one.outlook]
        within = sum(bool(one.within_factor()) for one in by_priors)
        yield f"mean rebuild of the original within a factor of {FACTOR:.0f} by priors: {within} of {len(by_priors)}"
        cold = [one.cold["rewritten"] / one.cold["original"] - 1 for one in replayed]
        yield f"cold builds: mean {mean(cold):+.1%}, worst {max(cold):+.1%}"
        yield f"undeclared differences: {sum(one.undeclared for one in replayed)}"
        refused = sorted(f"{name} of {one.name}" for one in replayed for name in one.refused)
        yield f"proposals that building refused, and so were not written: {', '.join(refused) or 'none'}"


def headroom(result):
    """What rplan said before anything was built; none with too few commits."""
    scores = result.get("scores")
    return scores["headroom"]["value"] if scores else None


def is_near(said, took):
    return abs(said - took) <= max(NEAR * took, SHORT)


def factor(said, took):
    low, high = sorted((max(said, 0.01), max(took, 0.01)))
    return high / low


def mean(values):
    return sum(values) / len(values)


def pair(sides):
    return f"{sides['original']:.1f} → {sides['rewritten']:.1f} s"


def table(head, rows):
    if not rows:
        return
    print(f"| {' | '.join(head)} |")
    print(f"|{'|'.join(' --- ' for _ in head)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()
