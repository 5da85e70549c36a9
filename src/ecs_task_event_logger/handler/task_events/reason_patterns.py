"""The patterns of texts in which ECS, Fargate, Docker and containerd say why a task stopped.

Data only: each cause with its patterns, one a line, in lower case. A pattern may match anywhere in
a text: ``*`` matches anything between, and ``^`` the start of the text. The first match in a table
counts, so specific patterns come first. A cause may have several blocks, since the order decides.
To add a pattern, add its line and a case to the tests.
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
    container health check failed
    container is unhealthy
SPOT_INTERRUPTION
    spot*interrupt
    interrupt*spot
    spot*reclaim
    spot*terminat
    spot capacity
MAINTENANCE
    performing maintenance
    maintenance on the
    scheduled maintenance
    task retirement
    fargate*retire
    is being retired
    platform version update
    platform version*no longer
    task patching
    security patch
    security update
HOST_FAILURE
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
SCHEDULER_STOPPED
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

# What went wrong, in the reason of the task or of a container.
WENT_WRONG = """
OUT_OF_DISK
    no space left
    thin pool*free data block
    disk quota exceeded
    disk is full
    insufficient disk
    not enough disk
    out of disk
TIMEOUT
    could not transition
    dockertimeout
    containerruntimetimeout
    timed out after waiting
    timed out waiting
    operation timed out
    context deadline exceeded*docker.sock
IMAGE_PULL
    cannotpull
CONTAINER_START
    exec: "
    exec format error
    executable file not found
OUT_OF_MEMORY
    outofmemory
    out of memory
    memory usage
    oomkill
    oom kill
    cannot allocate memory
    memory limit exceeded
DEPENDENCY_FAILED
    dependency graph
    ordering dependency
    dependency*did not
    dependency*never
    container dependency
    depends on*failed
SIGNAL
    exit code*134
    exit code*137
    exit code*139
    exit code*143
NETWORK
    timeout waiting for network interface
    timeout waiting for eni
STORAGE
    timeout waiting for*ebs
    timeout waiting for*volume
RESOURCE_INITIALIZATION
    timeout waiting for
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
    from asm
    from ssm
    ssm:getparameter
    invalid ssm parameter
    invalid parameters:
    asm resource
    asm fetching
    execution role credentials
    credentialsparameter
    secret data
    fetch secret
    fetching secret
    retrieve secret
    retrieving secret
    kms:decrypt
    access to kms
    env file
    envfile
    environment file
    environmentfile
    failed to download env
    secret value
    gmsa
    credentialspec
    credential spec
    domainless
LOG_DRIVER
    logging driver
    log driver
    logger args
    log-driver
    logging config
    log configuration
    awslogs
    firelens
    log group
    log stream
    logs:createlog
    logs:putlog
IMAGE_PULL
    pull the image
    image manifest
    manifest unknown
    manifest for*not found
    no matching manifest
    matching platform
    pull access denied
    pull rate limit
    toomanyrequests
    ecr:
    invalid reference format
    no such image
    failed to resolve ref
    image*not found
    image*does not exist
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
    port is already allocated
    address already in use
STORAGE
    efs util
    mount.nfs
    efs.
    mount target
    cannotmount
    volume
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
    fsx
    file system
    filesystem
CONTAINER_START
    cannotstart
    cannot start container
    cannotcreatecontainer
    oci runtime
    runc create
    shim task
    runtime create failed
    permission denied
    starting container process
    unable to start container process
    no command specified
    nvidia-container
    unable to find user
    linux spec user
    is already in use by container
    failed to create container
    failed to start container
    unknown runtime
    invalid docker configuration
    hostconfig
    dockerclientconfigerror
    port conflict
SECRETS
    secret
NETWORK
    service registry
    cloud map
    service discovery
IMAGE_PULL
    registry
    .dkr.ecr.
    /manifests/
CAPACITY
    capacity is unavailable
    capacity is not available
    not have enough capacity
    no container instance
    closest matching container-instance
    closest matching (container-instance
    unable to place
    could not launch
    capacity limit
    placement constraint
    insufficient_instance
    insufficient instance
    misconfiguration:compute
    misconfiguration:job_resource
    resource:cpu
    resource:mem
    resource:gpu
    resource:eni
    resource:port
    resource:fargate
    insufficient cpu
    insufficient memory
    insufficient resource
    insufficient gpu
    insufficientresource
    cannot be placed
    placement failed
    vcpu limit
    limit on the number of vcpus
    limit on the number of tasks
    concurrent tasks
    resource requirements
    service quota
    maxspotinstancecount
    capacity:
    above your limit
    sufficient*capacity
    requested configuration
    missing_attribute
    missing attribute
    no active instances
    ^agent
    capacity provider
NETWORK
    network interface
    unused device index
    insufficientfreeaddresses
    subnet
    securitygroup
    security group
    network configuration
    network namespace
    netns
    awsvpc
    cni plugin
    network isolation
    setting up network
    set up network
    setup network
    pause container
    i/o timeout
    no route to host
    connection refused
    connection reset
    connection issue
    connect:
    dial tcp
    no such host
    network is unreachable
    request canceled
    requesterror
    deadline exceeded
    pull command failed
    service connect
    serviceconnect
    veth
    ip address
INTERNAL_ERROR
    internalerror
    internal error
    unexpected ec2 error
    unexpected error
    containerruntimeerror
    dockerstateerror
    server exception
    serverexception
    service unavailable
    unrecognizederror
    server error
    container status
    internal service error
    cannotdescribecontainer
    cannotremovecontainer
    container agent
    ecs agent
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

# Parts of the names of sidecars: ECS's own and common agents.
SIDECARS = (
    "adot",
    "cloudwatch-agent",
    "cwagent",
    "datadog",
    "dd-agent",
    "ecs-service-connect",
    "envoy",
    "firelens",
    "fluent",
    "guardduty",
    "log-router",
    "log_router",
    "new-relic",
    "newrelic",
    "otel",
    "sidecar",
    "splunk",
    "x-ray",
    "xray",
)
