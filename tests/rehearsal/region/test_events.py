from pathlib import Path

from rehearsal.region.events import Events
from rehearsal.timeline import Timeline
from rehearsal.traffic import Listener, LoadBalancer

COLOURS = {"arn:blue": "blue", "arn:green": "green"}


def balancer(*weights: tuple[str, int]) -> LoadBalancer:
    """A load balancer whose production listener has these weights."""
    test = Listener("arn:9000", 9000, (("arn:green", 1),))
    return LoadBalancer("arn", 60, (Listener("arn:80", 80, weights), test), ())


def test_every_change_of_the_weights_is_written_once(tmp_path: Path) -> None:
    """In percent, with every colour named, whether it has a share or not."""
    events = Events(Timeline.of(tmp_path), COLOURS)
    for weights in ((("arn:blue", 1),), (("arn:blue", 7),), (("arn:blue", 27), ("arn:green", 3)), ()):
        events.weights(balancer(*weights))
    assert [(event["text"], event["production"], event["test"]) for event in events.timeline.read()] == [
        (f"production: {text}", production, {"blue": 0, "green": 100})
        for text, production in (
            ("100 % blue, 0 % green", {"blue": 100, "green": 0}),
            ("90 % blue, 10 % green", {"blue": 90, "green": 10}),
            ("0 % blue, 0 % green", {"blue": 0, "green": 0}),
        )
    ]
