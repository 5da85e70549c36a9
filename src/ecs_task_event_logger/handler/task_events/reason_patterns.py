"""The patterns of texts in which ECS, Fargate, Docker and containerd say why a task stopped.

Data only: each cause with its patterns, one a line, in lower case; blank lines between causes. A
pattern may match anywhere in a text: ``*`` matches anything between, ``^`` the start and ``$`` the
end of the text. A ``~`` marks a word that counts only in texts that ECS wrote: applications use it
as well. The first match in a table counts, so specific patterns come first. To add a pattern, add
its line and a case to the tests.
"""

# Reasons that leave no doubt, by how they begin. The rule's event pattern can match them as well,
# so EventBridge drops these stops if no filter asks for them.
PLAIN_REASONS = {
    "Scaling activity initiated by": "SCHEDULER_STOPPED",
    "Task stopped by user": "USER_STOPPED",
}

# Who stopped the task, in the task's own reason.
STOPPED_BY = """
LOAD_BALANCER_HEALTH_CHECK
    elb health check
    lattice health check
    load balancer health check
    health checks in (target-group
    is unhealthy in
    not healthy in
    health checks failed with these codes
    deregistered from *elb

CONTAINER_HEALTH_CHECK
    failed container health check
    due to failed health checks
    container health check failed
    container is unhealthy

SPOT_INTERRUPTION
    spot *interrupt
    interrupt*spot
    spot *reclaim
    spot *terminat
    spot capacity

MAINTENANCE
    performing maintenance
    maintenance on the host
    maintenance on the underlying
    scheduled maintenance
    task retirement
    task retired
    scheduled*retire
    fargate*retire
    is being retired
    platform version update
    platform version*no longer
    task patching
    security patch
    security update

HOST_FAILURE
    instance deregistration forced
    instance health status is impaired
    instance is impaired
    required daemon task
    host ec2
    host external
    container instance*drain
    container instance*deregist
    container instance*terminat
    container instance*lost
    container instance*disconnect
    container instance*stopped
    instance*draining
    instance*terminated
    instance status check
    underlying host
    hardware failure

TIMEOUT
    ^job attempt duration exceeded timeout

CAPACITY
    ^canceled by jobstatetimelimit

SCHEDULER_STOPPED
    deployment circuit breaker
    newer service deployment
    scaling activity
    service scheduler
    scaled in
    scaling in
    service deleted
    service was deleted
    service is being deleted
    rebalancing
    new deployment
    deployment rollback

USER_STOPPED
    ^stopped by
    ^task stopped by
    ^task was stopped by
    ^stopped via
    ^stopped from
    ^stopped manually
    ^manually stopped
    ^cancel
    ^task cancel
    ^task was cancel
"""

# The same in the reason of a stop by StopTask, where users write what they like.
STOPPED_FOR_USER = """
HOST_FAILURE
    ^host ec2 (instance*) terminated
    ^host ec2 (instance*) stopped
    ^instance deregistration forced
    ^container instance deregistration forced
    ^container instance*was deregistered
    ^task stopped during instance draining
    ^task stopped*container instance*draining

SPOT_INTERRUPTION
    ^your spot task was interrupted$
    ^your spot task was interrupted.$

MAINTENANCE
    ecs is performing maintenance on the underlying infrastructure

TIMEOUT
    ^job attempt duration exceeded timeout

CAPACITY
    ^canceled by jobstatetimelimit

LOAD_BALANCER_HEALTH_CHECK
    task failed elb health checks in (target-group

CONTAINER_HEALTH_CHECK
    ^task failed container health checks$
"""

# The names of errors of ECS, its agent and Docker, with which their texts begin.
ECS_ERRORS = tuple(
    """\
cannotpull
cannotstart
cannotcreate
cannotstop
cannotinspect
cannotget
cannotdescribe
cannotremove
cannotlist
cannotmount
cgrouperror
dockertimeout
dockerstate
dockerclient
containerruntime
containernetworking
containervanished
hostconfigerror
taskdependency
taskstate
taskstopped
outofmemory
oomkill
oom kill
oom-kill
taskfailedtostart
resourceinitialization
unrecogni
impossiblestate
unparsable
credentialspec
volumeerror
invalidvolume
container killed due to memory
error response from daemon
""".splitlines()
)

# How texts of theirs begin that have no name. A container that has run may say the same.
ECS_PHRASES = tuple(
    """\
internalerror
misconfiguration:
resource:
api error
error: image
task failed to start
ecs failed
stopped by ecs
oom
unable to
failed to
could not
error creating
timeout waiting for
open /
unexpected ec2
unexpected end of json
invalid character
no such file
rpc error
check your task network
bridge create veth
operation error
the provided ssm
the task cannot
dependent
array child
exit status
(v1.
essential container
credentials
""".splitlines()
)

# Words of texts about trouble. A text without any of them, and without a stop code, is a user's.
TROUBLE = """\
error
fail
unable
cannot
could not
timeout
timed out
time out
exceed
invalid
denied
insufficient
incorrect
unavailable
missing
unauthorized
full
not available
not found
not satisfied
not have
not be
no container
no capacity
no active
essential container
""".splitlines()

# What went wrong, as the task's reason or a container's says.
WENT_WRONG = """
OUT_OF_MEMORY
    was oom

DEPENDENCY_FAILED
    task dependencies cannot be resolved
    taskdependencyerror
    dependent container
    dependent job failed
    child job failed

INTERNAL_ERROR
    impossiblestate
    containervanished
    cannotgetdockerclient
    taskstateerror
    cannot unmarshal
    could not unmarshal
    credentialsid is empty
    failed to delete task
    connect to the docker daemon
    transition to*impossible

CONTAINER_HEALTH_CHECK
    ^stopped by ecs due to failed

RESOURCE_INITIALIZATION
    cgrouperror
    create task's platform resources
    kerberos
    krb ticket
    username, password or domain
    creating registry key
    credspec.json

NETWORK
    eni message validation
    serviceconnect is only
    failed to configure eni
    vlan interface
    proxy type other than
    cni config
    service-connect-agent.interface

LOG_DRIVER
    firelens s3
    firelens config
    logging plugin
    hostconfigerror*credentials
    unable to get bridgeip

SECRETS
    looking for beginning of value
    unexpected end of json
    create ssm client
    create asm client
    s3 client for bucket
    provided ssm parameter
    operation error s3

CONTAINER_START
    /sys/fs/cgroup*no space left
    unparsableport
    unrecognizedtransportprotocol

STORAGE
    ^exit status 1$

CAPACITY
    taskfailedtostart: agent
    taskfailedtostart: attribute
    taskfailedtostart: location
    misconfiguration:

OUT_OF_DISK
    no space left
    thin pool*free data block
    disk quota exceeded
    ~disk is full
    insufficient disk
    not enough disk
    ~out of disk

STORAGE
    timed out waiting*ebs
    timed out waiting*volume

TIMEOUT
    could not transition
    dockertimeout
    containerruntimetimeout
    timed out after waiting
    ~timed out waiting
    ~operation timed out
    context deadline exceeded*docker.sock

IMAGE_PULL
    cannotpull

CONTAINER_START
    exec: "
    exec format error
    executable file not found

OUT_OF_MEMORY
    outofmemory
    ~out of memory
    due to memory usage
    ~memory usage
    oomkill
    oom kill
    ~cannot allocate memory
    ~memory limit exceeded

DEPENDENCY_FAILED
    dependency graph
    ordering dependency
    ~dependency*did not
    ~dependency*never
    container dependency
    ~depends on*failed

SIGNAL
    ~exit code*134
    ~exit code*137
    ~exit code*139
    ~exit code*143

NETWORK
    timeout waiting for network interface
    timeout waiting for eni

STORAGE
    timeout waiting for*ebs
    timeout waiting for*volume

RESOURCE_INITIALIZATION
    ~timeout waiting for

CAPACITY
    infrastructure role*ec2:createfleet
    infrastructure role*ec2:runinstances

STORAGE
    infrastructure role

RESOURCE_INITIALIZATION
    unable to assume role
    unable to assume the role

CAPACITY
    unable to launch instance

SECRETS
    secrets manager
    secretsmanager:
    parameter store
    ~from asm
    ~from ssm
    ssm:getparameter
    invalid ssm parameter
    ~invalid parameters:
    asm resource
    asm fetching
    execution role credentials
    credentialsparameter
    ~secret data
    ~fetch secret
    fetching secret
    retrieve secret
    retrieving secret
    kms:decrypt
    access to kms
    ~env file
    ~envfile
    ~environment file
    environmentfile
    failed to download env
    ~secret value
    ~gmsa
    credentialspec
    credential spec
    ~domainless

LOG_DRIVER
    logging driver
    log driver
    logger args
    log-driver
    logging config
    log configuration
    ~awslogs
    ~firelens
    ~log group
    ~log stream
    logs:createlog
    logs:putlog

IMAGE_PULL
    pull the image
    ~image manifest
    manifest unknown
    manifest for*not found
    no matching manifest
    matching platform
    pull access denied
    pull rate limit
    toomanyrequests
    ecr:
    invalid reference format
    ~no such image
    failed to resolve ref
    ~image*not found
    ~image*does not exist
    imagepull
    no basic auth credentials
    inspect image
    failed to pull
    unable to pull image
    error pulling image

INTERNAL_ERROR
    cannotinspectcontainer
    cannotstopcontainer

CONTAINER_START
    find cgroup mount
    mountpoint for
    ~port is already allocated
    ~address already in use

STORAGE
    efs util
    mount.nfs
    ~efs.
    ~mount target
    cannotmount
    ~volume
    error mounting
    error while mounting
    failed to mount
    fail to mount
    mount failed
    mount config
    mounts denied
    bind source path
    bind mount
    not a shared mount
    ~fsx
    ~file system
    ~filesystem

CONTAINER_START
    cannotstart
    cannot start container
    cannotcreatecontainer
    oci runtime
    runc create
    shim task
    runtime create failed
    ~permission denied
    ~starting container process
    unable to start container process
    no command specified
    ~nvidia-container
    unable to find user
    linux spec user
    is already in use by container
    failed to create container
    failed to start container
    unknown runtime
    invalid docker configuration
    ~hostconfig
    dockerclientconfigerror
    port conflict

SECRETS
    ~secret

NETWORK
    ~service registry
    ~cloud map
    ~service discovery

IMAGE_PULL
    ~registry
    ~.dkr.ecr.
    ~/manifests/

CAPACITY
    capacity is unavailable
    capacity is not available
    not have enough capacity
    no container instance
    closest matching container-instance
    closest matching (container-instance
    unable to place
    could not launch
    ~capacity limit
    ~placement constraint
    insufficient_instance
    insufficient instance
    resource:cpu
    resource:mem
    resource:gpu
    resource:eni
    resource:port
    resource:fargate
    ~insufficient cpu
    ~insufficient memory
    ~insufficient resource
    ~insufficient gpu
    insufficientresource
    cannot be placed
    placement failed
    ~vcpu limit
    limit on the number of vcpus
    limit on the number of tasks
    ~concurrent tasks
    ~resource requirements
    ~service quota
    maxspotinstancecount
    ~capacity:
    above your limit
    sufficient*capacity
    ~requested configuration
    missing_attribute
    missing attribute
    no active instances
    ^agent$
    ^attribute$
    ^location$
    ~capacity provider

NETWORK
    ~network interface
    unused device index
    insufficientfreeaddresses
    ~subnet
    ~securitygroup
    ~security group
    ~network configuration
    network namespace
    ~netns
    ~awsvpc
    cni plugin
    network isolation
    setting up network
    set up network
    setup network
    pause container
    ~i/o timeout
    ~no route to host
    ~connection refused
    ~connection reset
    ~connection issue
    ~connect:
    ~dial tcp
    ~no such host
    ~network is unreachable
    ~request canceled
    ~requesterror
    ~deadline exceeded
    pull command failed
    ~service connect
    ~serviceconnect
    veth pair
    ~veth
    ~ip address

INTERNAL_ERROR
    internalerror
    ~internal error
    unexpected ec2 error
    ~unexpected error
    containerruntimeerror
    dockerstateerror
    ~server exception
    ~serverexception
    ~service unavailable
    unrecognizederror
    ~server error
    ~container status
    internal service error
    cannotdescribecontainer
    cannotremovecontainer
    ~container agent
    ~ecs agent
"""

# Who asked for the stop, in the words of users and tools. Searched if nothing went wrong.
ON_REQUEST = """
USER_STOPPED
    stopped by
    stopped via
    stopped from
    stopped manually
    manually stopped
    manual stop
    user requested
    requested by
    requested to stop
    stop requested
    user initiated
    userinitiated
    stoptask
    cancelled
    canceled
    cancellation
    killed by
    aborted
    terminated
    terminating
    stopping task
    no longer needed
    duration exceeded
"""

# Wrappers of errors. Searched if the text inside them says nothing.
WRAPPERS = """
UNKNOWN
    ^task failed to start$
    ^taskfailedtostart$

RESOURCE_INITIALIZATION
    initialization
    initialize
    provisioning
    not compatible with
    assume role
    assume the
    taskfailedtostart
    failed to start
"""
