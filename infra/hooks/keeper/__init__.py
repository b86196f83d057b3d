"""What has to stay true between releases, and during them, whoever starts or stops one.

While a release is in progress no task goes: scale-in is suspended. While none is, the parameter with the live
colour says what the load balancer does. Both follow from what is true when it runs, never from what an event
says. It runs on Lambda with what the runtime has, and knows nothing of the rest of the repository.
"""
