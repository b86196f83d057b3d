"""Where things stand in the picture of a stage."""

from typing import Final, NamedTuple

WIDTH: Final = 1180
HEIGHT: Final = 750
"""Of the picture, in its own units."""


class Box(NamedTuple):
    """One resource of the picture: its construct, where it stands and what is written on it."""

    stack: str
    path: str
    x: int
    y: int
    title: str
    below: str


class Frame(NamedTuple):
    """One stack: where it stands, and how long it lives in a word."""

    stack: str
    x: int
    y: int
    width: int
    height: int
    life: str


class Arrow(NamedTuple):
    """A way from one place to another, with what goes along it."""

    kind: str
    points: tuple[tuple[int, int], ...]
    label: str
    at: tuple[int, int]


BOX_WIDTH: Final = 150
BOX_HEIGHT: Final = 46
"""Of every box."""

FRAMES: Final = (
    Frame("Registry", 20, 60, 190, 230, "for all stages"),
    Frame("Access", 20, 310, 190, 160, "roles of workflows"),
    Frame("Colour", 20, 490, 190, 90, "stays"),
    Frame("Data", 20, 600, 190, 90, "stays"),
    Frame("Traffic", 260, 60, 370, 260, "as long as clients call"),
    Frame("Service", 260, 350, 660, 340, "once there is an image"),
    Frame("Network", 660, 60, 260, 260, "as long as anything runs"),
    Frame("Operations", 950, 60, 210, 630, "changed at will"),
)
BOXES: Final = (
    Box("Registry", "Repository", 40, 100, "Image repository", "ECR, by digest"),
    Box("Registry", "Push", 40, 160, "Push role", "for workflows"),
    Box("Registry", "Github", 40, 220, "GitHub's identities", "OIDC provider"),
    Box("Access", "Release", 40, 350, "Release role", "this stage only"),
    Box("Access", "Deploy", 40, 410, "Deploy role", "cdk deploy"),
    Box("Colour", "LiveColour", 40, 525, "Live colour", "blue or green"),
    Box("Data", "Bucket", 40, 635, "Data bucket", "models, probes, records"),
    Box("Traffic", "LoadBalancer", 280, 100, "Load balancer", "across zones"),
    Box("Traffic", "WebFirewall/Acl", 460, 100, "Web firewall", "public stages"),
    Box("Traffic", "Listeners/Http", 280, 175, "Production listener", "the live colour"),
    Box("Traffic", "Listeners/Test", 460, 175, "Test listener", "the other colour"),
    Box("Traffic", "Blue", 280, 255, "Blue", "target group"),
    Box("Traffic", "Green", 460, 255, "Green", "target group"),
    Box("Network", "Vpc", 715, 95, "VPC", "explicit zones"),
    Box("Network", "Firewall/Tasks", 715, 151, "Security groups", "who may call whom"),
    Box("Network", "Endpoints/S3", 715, 207, "Endpoint of S3", "without NAT"),
    Box("Network", "Refusals", 715, 263, "Refused calls", "flow log"),
    Box("Service", "ServiceAB/Service", 280, 400, "ECS service", "tasks on Fargate"),
    Box("Service", "Task/Definition", 280, 480, "Task definition", "one image digest"),
    Box("Service", "Scaling/Target", 280, 560, "Scaling", "CPU and requests"),
    Box("Service", "ReleaseKeeper/Function", 280, 625, "Release keeper", "scale-in, colour"),
    Box("Service", "TrafficShift/Group", 520, 480, "Traffic shift", "CodeDeploy group"),
    Box("Service", "ReleaseGate/Function", 750, 400, "Release gate", "probes, then verdict"),
    Box("Service", "RollbackAlarms/blue-errors", 750, 560, "Rollback alarms", "both colours"),
    Box("Service", "RollbackAlarms/unwell", 750, 625, "Unwell", "one alarm for people"),
    Box("Operations", "Dashboard/Dashboard", 980, 100, "Dashboard", "health, release, cost"),
    Box("Operations", "Queries/errors-by-minute", 980, 170, "Saved queries", "for whoever is on call"),
    Box("Operations", "Alarms/too-few-tasks", 980, 490, "Other alarms", "tasks, gate, scaling"),
    Box("Operations", "Notifications/Topic", 980, 630, "Notifications", "topic"),
    Box("Operations", "ReleaseNews/Rule", 980, 560, "Release news", "how each one ended"),
)
ARROWS: Final = (
    Arrow("traffic", ((355, 20), (355, 100)), "clients", (365, 40)),
    Arrow("traffic", ((355, 146), (355, 175)), "", (0, 0)),
    Arrow("traffic", ((355, 221), (355, 255)), "live colour", (362, 242)),
    Arrow("traffic", ((355, 301), (355, 400)), "tasks", (362, 375)),
    Arrow("test", ((750, 411), (645, 411), (645, 198), (610, 198)), "probes", (652, 345)),
    Arrow("test", ((535, 221), (535, 255)), "other colour", (542, 242)),
    Arrow(
        "release",
        ((190, 373), (225, 373), (225, 463), (500, 463), (500, 503), (520, 503)),
        "a release",
        (440, 458),
    ),
    Arrow("release", ((550, 480), (550, 423), (430, 423)), "new tasks", (450, 418)),
    Arrow(
        "release", ((580, 480), (580, 335), (445, 335), (445, 198), (430, 198)), "moves traffic", (490, 330)
    ),
    Arrow("release", ((670, 495), (710, 495), (710, 435), (750, 435)), "asks", (680, 490)),
    Arrow("release", ((750, 583), (600, 583), (600, 526)), "turns it around", (625, 577)),
    Arrow("release", ((190, 548), (240, 548), (240, 198), (280, 198)), "at each deploy", (246, 338)),
    Arrow("release", ((280, 648), (217, 648), (217, 560), (190, 560)), "keeps", (221, 600)),
    Arrow("people", ((825, 606), (825, 625)), "", (0, 0)),
    Arrow("people", ((900, 648), (980, 648)), "red", (925, 642)),
    Arrow("people", ((1055, 606), (1055, 630)), "", (0, 0)),
    Arrow("people", ((1130, 513), (1146, 513), (1146, 653), (1130, 653)), "", (0, 0)),
)
"""The ways, in the order in which they are drawn."""
