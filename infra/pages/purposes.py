"""What every resource is for, in words: reviewed by hand, and checked to be complete by a test."""

from typing import Final, NamedTuple


class Purpose(NamedTuple):
    """What the resources of one stack are for whose construct path matches a pattern of `fnmatch`."""

    stack: str
    path: str
    words: str


LIFETIMES: Final = {
    "Registry": "Longer than every stage: images are built once and promoted by digest.",
    "Data": "Longer than the rest of its stage; the buckets stay when the stack goes.",
    "Colour": "Longer than the stacks that read it; the parameter stays when the stack goes.",
    "Access": "As long as the repository may release the stage; only there when a GitHub repository is set.",
    "Network": "As long as anything runs in the stage.",
    "Traffic": "As long as clients call the stage; never touched by a release's commit or image.",
    "Service": "As long as an image runs; made once there is one.",
    "Operations": "Changed at will: no traffic depends on it.",
}
"""How long the resources of each stack live, in the order in which the stacks are deployed."""

PUBLISHING: Final = {"Network", "Traffic", "Service", "Operations"}
"""The stacks that have entries in the directory."""
LOGGING: Final = {"Network", "Service"}
"""The stacks whose logs have entries there."""

PURPOSES: Final = tuple(
    Purpose(stack, path, words)
    for stack, purposes in {
        "Registry": {
            "Repository": "Holds every image, by digest; no rule expires a released one.",
            "Github": "Lets GitHub say which repository and environment a workflow runs for.",
            "Push": "What the workflow that builds images may do: push to this repository.",
        },
        "Data": {
            "Bucket": "Model packages, training data, the gate's probes and the records of releases.",
            "Bucket/Policy": "Refuses every request that does not come over TLS.",
            "Logs": "Who read or wrote the data bucket.",
            "Logs/Policy": "Lets S3 deliver those logs, and refuses everything without TLS.",
            "TrafficLogs": "Every request that the load balancer saw; over HTTPS every connection too.",
            "TrafficLogs/Policy": "Lets the load balancer deliver those, and refuses everything without TLS.",
        },
        "Colour": {
            "LiveColour": "`blue` or `green`: which colour takes production traffic; releases write it.",
        },
        "Access": {
            "Release": "What a workflow may do to release to this stage, and to this one only.",
            "Deploy": "What a workflow may do to run `cdk deploy` for this stage.",
        },
        "Network": {
            "Vpc": "The stage's own addresses.",
            "Vpc/PublicSubnet?/Subnet": "A zone's addresses for the load balancer and NAT.",
            "Vpc/PrivateSubnet?/Subnet": "A zone's addresses for tasks and hooks, which have no public ones.",
            "Vpc/*/RouteTable": "Where packets of this subnet go.",
            "Vpc/*/RouteTableAssociation": "Ties the route table to its subnet.",
            "Vpc/PublicSubnet?/DefaultRoute": "To the internet through the gateway.",
            "Vpc/PrivateSubnet?/DefaultRoute": "To the internet through NAT: nothing comes in that way.",
            "Vpc/*/EIP": "The address from which the NAT gateway calls.",
            "Vpc/*/NATGateway": "The private subnets' way out.",
            "Vpc/IGW": "The VPC's door to the internet.",
            "Vpc/VPCGW": "Hangs the door into the VPC.",
            "Vpc/Refused/FlowLog": "Records refused connections.",
            "Vpc/Refused/IAMRole": "Lets the flow log write to its log group.",
            "Vpc/Refused/IAMRole/DefaultPolicy": "What that role may do: write to that one log group.",
            "Refusals": "Keeps the record of refused connections.",
            "Firewall/LoadBalancer": "Who may call the load balancer: the settings' `callers`.",
            "Firewall/LoadBalancer/from *Gate*": "Lets the release gate, and nobody else, test it.",
            "Firewall/LoadBalancer/to *Tasks*": "Lets the load balancer reach the tasks, and nothing else.",
            "Firewall/Tasks": "Who may call a task.",
            "Firewall/Tasks/from *LoadBalancer*": "Lets the load balancer, and nobody else, call the tasks.",
            "Firewall/Gate": "Whom the release gate may call.",
            "Firewall/Gate/to *LoadBalancer*": "Lets the release gate call the test listener.",
            "Endpoints/S3": "The way to S3 that does not go through NAT.",
        },
        "Traffic": {
            "LoadBalancer": "Takes every call, and spreads it over the live colour's tasks.",
            "Blue": "The tasks of the blue colour, and how their health is asked for.",
            "Green": "The tasks of the green colour, and how their health is asked for.",
            "Listeners/Http": "The port that clients call; over HTTPS it only sends them on.",
            "Listeners/Test": "The port at which the release gate meets the colour that is not live.",
            "WebFirewall/Acl": "Blocks known attacks and callers that ask too often, on public stages.",
            "WebFirewall/Association": "Puts the web application firewall before the load balancer.",
            "WebFirewall/Log": "What the web application firewall blocked.",
            "WebFirewall/Logging": "Sends those records to their log group.",
            "WebFirewall/Delivery/*": "Lets the firewall's records into that log group.",
        },
        "Service": {
            "Cluster": "Where the tasks run; nothing else runs there.",
            "Task/Definition": "What a task is: image by digest, size, user, limits. Every revision stays.",
            "Task/Role": "What the service's own code may do: read its model packages.",
            "Task/ExecutionRole": "What Fargate may do to start a task: pull the image, write logs.",
            "Task/Logs": "What the service says.",
            "*Service*/Service": "Keeps tasks running: as many as scaling says, of the release's revision.",
            "ReleaseGate/Function": "Asks the new version its probes before it gets traffic.",
            "ReleaseGate/Role": "What the gate may do: read probes, look at the release, report.",
            "ReleaseGate/Logs": "What the gate found.",
            "RollbackAlarms/*-errors": "Turns a release around when too many answers are errors.",
            "RollbackAlarms/*-latency": "Turns a release around when answers take too long.",
            "RollbackAlarms/*-unhealthy": "Turns a release around when tasks stop being ready.",
            "RollbackAlarms/unwell": "One message to people when any of them turns red.",
            "TrafficShift/Application": "What CodeDeploy calls this service.",
            "TrafficShift/Group": "How a release moves traffic, what turns it around, how long the old wait.",
            "TrafficShift/Config": "In which steps traffic moves.",
            "TrafficShift/Role": "What CodeDeploy may do: move this one service.",
            "Scaling/Target": "Between how many tasks the scaler may choose.",
            "Scaling/Cpu": "Adds tasks when they have too much to do; blind to colours.",
            "Scaling/Requests": "Adds tasks when too many requests come; sums both colours.",
            "ReleaseKeeper/Function": "Pauses scale-in while a release runs; keeps the live colour true.",
            "ReleaseKeeper/Role": "What that function may do: look, pause this scaler, write that colour.",
            "ReleaseKeeper/Logs": "When scale-in was paused and resumed, and the live colour put right.",
            "ReleaseKeeper/Release": "Calls that function when a release begins or ends.",
            "ReleaseKeeper/Clock": "Calls that function now and then, should an event be lost.",
            "ReleaseKeeper/*/AllowEventRule*": "Lets that rule, and no other, call the function.",
        },
        "Operations": {
            "Dashboard/Dashboard": "Is the live colour healthy, what is being released, what does it cost.",
            "Notifications/Topic": "Where people hear of red alarms, releases and the budget.",
            "Notifications/Topic/Policy": "Lets this stage's alarms, releases and budget publish, over TLS.",
            "Alarms/release-news-lost": "Tells when a message about a release was not delivered.",
            "Alarms/gate-*": "Tells when the release gate itself fails.",
            "Alarms/release-keeper-*": "Tells of traffic on no healthy colour, and of a keeper that fails.",
            "Alarms/too-few-tasks": "Tells when fewer tasks run than the stage must have.",
            "Alarms/no-room-to-scale": "Tells when the scaler is at its limit.",
            "ReleaseNews/Rule": "Tells when a release ends, and how.",
            "Queries/*": "A question to the logs, saved for whoever is on call.",
        },
    }.items()
    for path, words in {
        **purposes,
        **(
            {"Published/*": "Tells other stacks, by a name, what this one made."}
            if stack in PUBLISHING
            else {}
        ),
        **(
            {"*/Entry": "Tells people and tools, by a name, where these logs are."}
            if stack in LOGGING
            else {}
        ),
    }.items()
)
"""Every purpose; the narrowest pattern of a stack comes first where several match."""
