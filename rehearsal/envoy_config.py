"""The load balancer's description as Envoy's files: pure functions from data to JSON documents.

Weights live in a route file and targets in an endpoint file of their own, because Envoy takes a new route or
endpoint file without closing a connection (Envoy documentation, "xDS configuration API overview"). A changed
idle timeout or TLS policy changes a listener's filter chain: Envoy accepts new connections with the new one
and lets the old ones finish ("Listener discovery service", "Filter chain only update").
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from rehearsal.addresses import unprivileged
from rehearsal.errors import StepFailed
from rehearsal.metrics import access_log
from rehearsal.tls import Certificate, protocols_of
from rehearsal.traffic import HealthCheck, Listener, LoadBalancer, Redirect, TargetGroup, Weights

Document = dict[str, Any]

_TYPES = "type.googleapis.com/envoy"
_ROUTER = f"{_TYPES}.extensions.filters.http.router.v3.Router"
_MANAGER = f"{_TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_TLS = f"{_TYPES}.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
_UPSTREAM = f"{_TYPES}.extensions.upstreams.http.v3.HttpProtocolOptions"
# A load balancer of AWS has no such limit; Envoy would refuse the 1,025th connection or request.
_NO_LIMIT = dict.fromkeys(("max_connections", "max_pending_requests", "max_requests"), 1_000_000)
# "Troubleshoot your Application Load Balancers", HTTP 502: the target refused or reset the connection, closed
# it or answered with something that is not HTTP. Envoy says 503 in all of these.
_TARGET_FAILED = ["UF", "UC", "UR", "UPE"]


def bootstrap(folder: Path, *, admin_address: str) -> Document:
    """Return the file that Envoy starts with; everything else is read from `folder`.

    The admin interface takes a free port of `admin_address`.
    """
    return {
        "node": {"id": "switchyard", "cluster": "rehearsal"},
        "admin": {"address": {"socket_address": {"address": admin_address, "port_value": 0}}},
        "dynamic_resources": {
            "lds_config": _watched(folder / "lds.json"),
            "cds_config": _watched(folder / "cds.json"),
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": f"{_TYPES}.extensions.resource_monitors.downstream_connections.v3"
                        ".DownstreamConnectionsConfig",
                        "max_active_downstream_connections": 10_000,
                    },
                }
            ]
        },
    }


def documents(
    balancer: LoadBalancer, *, address: str, folder: Path, certificate: Certificate | None = None
) -> dict[str, Document]:
    """Return Envoy's files by name, for a load balancer that stands at `address`.

    In the order in which they may be written: what a file refers to comes before it.

    Raises:
        StepFailed: A listener speaks HTTPS, and there is no certificate, or its TLS policy is unknown.
    """
    files: dict[str, Document] = {}
    for group in balancer.target_groups:
        files[f"eds-{group.name}.json"] = _response(
            "config.endpoint.v3.ClusterLoadAssignment", [_endpoints(group)]
        )
    files["cds.json"] = _response(
        "config.cluster.v3.Cluster",
        [_cluster(group, balancer, folder) for group in balancer.target_groups],
    )
    files |= route_files(balancer)
    listeners = [_listener(item, balancer, address, folder) for item in balancer.listeners]
    for listener, document in zip(balancer.listeners, listeners, strict=True):
        if listener.tls_policy:
            document["filter_chains"][0]["transport_socket"] = _tls(listener.tls_policy, certificate)
    files["lds.json"] = _response("config.listener.v3.Listener", listeners)
    return files


def route_files(balancer: LoadBalancer) -> dict[str, Document]:
    """Return a file of routes for each listener, with a version by which Envoy tells what it plays."""
    files = {}
    for listener in balancer.listeners:
        response = _response("config.route.v3.RouteConfiguration", [_routes(listener, balancer)])
        version = hashlib.sha256(json.dumps(response, sort_keys=True).encode()).hexdigest()[:12]
        files[f"rds-{listener.port}.json"] = {"version_info": version, **response}
    return files


def _response(kind: str, resources: list[Document]) -> Document:
    return {"resources": [{"@type": f"{_TYPES}.{kind}", **resource} for resource in resources]}


def _watched(path: Path) -> Document:
    return {
        "resource_api_version": "V3",
        "path_config_source": {"path": str(path), "watched_directory": {"path": str(path.parent)}},
    }


def _listener(listener: Listener, balancer: LoadBalancer, address: str, folder: Path) -> Document:
    manager = {
        "@type": _MANAGER,
        "stat_prefix": f"listener-{listener.port}",
        "access_log": [access_log.entry(folder)],
        "rds": {
            "route_config_name": f"listener-{listener.port}",
            "config_source": _watched(folder / f"rds-{listener.port}.json"),
        },
        "common_http_protocol_options": {"idle_timeout": f"{balancer.idle_timeout}s"},
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
        "http_protocol_options": {"accept_http_10": True},
        "local_reply_config": {
            "mappers": [{"filter": {"response_flag_filter": {"flags": _TARGET_FAILED}}, "status_code": 502}]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": _ROUTER, "suppress_envoy_headers": True},
            }
        ],
    }
    port = {"address": address, "port_value": unprivileged(listener.port)}
    return {
        "name": f"listener-{listener.port}",
        "address": {"socket_address": port},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def _tls(policy: str, certificate: Certificate | None) -> Document:
    if certificate is None:
        raise StepFailed("A listener speaks HTTPS, and the rehearsal was given no certificate for it.")
    protocols = protocols_of(policy)
    parameters: Document = {
        "tls_minimum_protocol_version": protocols.oldest,
        "tls_maximum_protocol_version": "TLSv1_3",
    }
    if protocols.ciphers:
        parameters["cipher_suites"] = list(protocols.ciphers)
    files = {
        "certificate_chain": {"filename": str(certificate.chain)},
        "private_key": {"filename": str(certificate.key)},
    }
    common = {"tls_params": parameters, "tls_certificates": [files], "alpn_protocols": ["h2", "http/1.1"]}
    return {"name": "tls", "typed_config": {"@type": _TLS, "common_tls_context": common}}


def _routes(listener: Listener, balancer: LoadBalancer) -> Document:
    forwards = [(prefix, rule.weights) for rule in listener.rules for prefix in rule.prefixes]
    routes = [_forward(prefix, weights, balancer) for prefix, weights in forwards]
    if listener.redirect is not None:
        routes.append({"match": {"prefix": "/"}, "redirect": _redirect(listener.redirect)})
    else:
        routes.append(_forward("/", listener.weights, balancer))
    port = {"header": {"key": "x-forwarded-port", "value": str(listener.port)}}
    return {
        "name": f"listener-{listener.port}",
        # Envoy adds X-Forwarded-For and -Proto by itself; what a client claims of the port is overwritten.
        "request_headers_to_add": [{**port, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
        "request_headers_to_remove": ["x-envoy-external-address"],
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
    }


def _forward(prefix: str, weights: Weights, balancer: LoadBalancer) -> Document:
    if sum(weight for _, weight in weights) == 0:
        return {"match": {"prefix": prefix}, "direct_response": {"status": 503}}
    names = {group.arn: group.name for group in balancer.target_groups}
    clusters = [{"name": names[arn], "weight": weight} for arn, weight in weights]
    # An ALB lets a request take as long as its connection is not idle; Envoy would cut it after 15 s.
    timeouts = {"timeout": "0s", "idle_timeout": f"{balancer.idle_timeout}s"}
    return {
        "match": {"prefix": prefix},
        "route": {"weighted_clusters": {"clusters": clusters}, **timeouts},
    }


def _redirect(redirect: Redirect) -> Document:
    return {
        "scheme_redirect": redirect.protocol,
        "port_redirect": unprivileged(redirect.port),
        "response_code": "MOVED_PERMANENTLY" if redirect.permanent else "FOUND",
    }


def _cluster(group: TargetGroup, balancer: LoadBalancer, folder: Path) -> Document:
    return {
        "name": group.name,
        "type": "EDS",
        "lb_policy": "LEAST_REQUEST" if group.least_outstanding else "ROUND_ROBIN",
        "connect_timeout": "10s",
        "eds_cluster_config": {
            "service_name": group.name,
            "eds_config": _watched(folder / f"eds-{group.name}.json"),
        },
        # An ALB "fails open": it sends to all targets when none is healthy. Envoy does so below this share.
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}},
        "circuit_breakers": {"thresholds": [_NO_LIMIT]},
        # A deregistered target gets no new request, however healthy it is.
        "ignore_health_on_host_removal": True,
        "health_checks": [_health_check(group.health_check)],
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": _UPSTREAM,
                "explicit_http_config": {"http_protocol_options": {}},
                "common_http_protocol_options": {"idle_timeout": f"{balancer.idle_timeout}s"},
            }
        },
    }


def _health_check(check: HealthCheck) -> Document:
    return {
        "timeout": f"{check.timeout:.3g}s",
        "interval": f"{check.interval:.3g}s",
        "no_traffic_interval": f"{check.interval:.3g}s",
        "unhealthy_threshold": check.unhealthy_threshold,
        "healthy_threshold": check.healthy_threshold,
        "http_health_check": {
            "path": check.path,
            "expected_statuses": [{"start": low, "end": high} for low, high in check.codes],
            # Counted against the threshold; else Envoy would act on the first wrong status.
            "retriable_statuses": [{"start": 100, "end": 600}],
        },
    }


def _endpoints(group: TargetGroup) -> Document:
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": address, "port_value": port}}}}
        for address, port in group.targets
    ]
    return {"cluster_name": group.name, "endpoints": [{"lb_endpoints": endpoints}]}
