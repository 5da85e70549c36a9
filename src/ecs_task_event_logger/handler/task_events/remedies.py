"""What to check first, by cause and by the text that shows the cause.

Each cause with its remedies, and each remedy with its patterns; blank lines between causes.
Patterns are written as in ``reason_patterns.py``: ``*`` matches anything between, ``^`` the start
and ``$`` the end. ``@name`` is a list at the end of this file, after what must come before it. The
first remedy with a matching pattern counts, or else the last of the cause. Names of images, secrets
and files are part of the text, so a pattern must not match in the middle of a name.
The remedies follow AWS's pages on stopped tasks:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from functools import lru_cache

from .cause import Cause
from .matching import contains

REMEDIES = """
IMAGE_PULL
    Check the Docker daemon and the agent on the container instance.
        docker daemon
        docker client
    Registry rate limit: authenticate to the registry or use an ECR pull through cache.
        toomanyrequests
        too many requests
        rate limit
        rate exceeded
        throttlingexception
        throttling:
        throttled
    Build the image for the task's CPU architecture and operating system.
        for platform
        matching platform
        on this platform
        no matching manifest
    Use an image for the host's version of Windows.
        -based image is incompatible
        windows version*incompatible
    Check the registry's certificate, which is not trusted.
        x509:
    The registry speaks no TLS: correct its address or port.
        http response to https client
    The image is damaged: build and push it again.
        invalid tar header
        mismatched image rootfs
    Check the route to S3, where ECR keeps layers: the gateway endpoint and its policy.
        starport-layer-bucket
    Check the route to the registry: NAT gateway, public IP or VPC endpoints; DNS.
        @unreachable
    The registry has trouble: start the task again later.
        500 internal server error
        502 bad gateway
        503 service
        504 gateway
        code: 50
    The instance's login to ECR has expired: check its clock and role, and restart the agent.
        authorization token has expired
    Allow the execution role ecr:BatchImportUpstreamImage and ecr:CreateRepository.
        ecr:batchimportupstreamimage
    Check the policy of the VPC endpoint.
        vpc endpoint policy
    Check the repository's policy, which must allow the execution role.
        no resource-based policy
    Check the repository's KMS key, and its policy.
        kmsaccessdenied
        kmsexception
        kms key
        kms:decrypt
    Check the image's name and that the execution role may pull it.
        .dkr.ecr.*repository does not exist or may require
    Check the image's name; a private image needs repositoryCredentials that the registry accepts.
        anonymous token
        oauth token
        repository does not exist or may require
        docker.io/@not authorized
        ghcr.io/@not authorized
        quay.io/@not authorized
    Allow the execution role ecr:GetAuthorizationToken, BatchGetImage and GetDownloadUrlForLayer.
        @not authorized
    Check that the image's repository and its tag or digest exist.
        not found
        does not exist
        manifest unknown
        name unknown
        no such image
    Correct the image's name in the task definition.
        invalid reference format
    Check the image's name, the execution role and the route to the registry.

SECRETS
    The secret store throttles: raise its throughput or start fewer tasks at once.
        throttlingexception
        throttling:
        throttled
        rate exceeded
    Check that the secret's value is JSON with the key that the task definition names.
        json key
        invalid character
        did not contain
    Check that the gMSA credential spec exists, and that the role may read it.
        credential spec
        credentialspec
    Check that the environment file is in S3, that the execution role may read it, and the route.
        env file
        environment file
        envfile
        s3:
    Check the route to Secrets Manager or Systems Manager: NAT gateway or VPC endpoints.
        @unreachable
    Check that the execution role may decrypt with the secret's KMS key (kms:Decrypt).
        kms:decrypt
        access to kms
        kms key
        kmsexception
    Check the policy of the VPC endpoint.
        vpc endpoint policy
    Restore the secret, or name another one.
        marked for deletion
        marked deleted
    Check the resource policy of the secret, which must allow the execution role.
        no resource-based policy
    Check that the execution role may read it: GetSecretValue, GetParameters or GetObject.
        @not authorized
    Give the secret a value: it has none.
        for staging label
    Check that the secret, parameter or file exists in this Region by that name or ARN.
        not found
        notfound
        can't find
        does not exist
        no such
        nosuch
        invalid
    Check that the secret exists and that the execution role may and can reach it.

LOG_DRIVER
    Check that the FireLens file exists in S3, and that the task role may read it.
        firelens s3
        s3 config
    Check that the execution role may write logs: CreateLogStream, PutLogEvents, CreateLogGroup.
        @not authorized
    Create the log group, or correct its name and Region in the log configuration.
        log group does not exist
    Check the route to CloudWatch Logs: NAT gateway or VPC endpoint.
        //logs.*amazonaws.com
    Check that the log router (FireLens, Fluentd) runs, and that the container depends on it.
        :24224
        fluent.sock
        fluentd:
        fluent#
    Check the address of the log server, and the route to it.
        gelf:
        splunk:
        syslog:
        logentries:
    Check the route to CloudWatch Logs: NAT gateway or VPC endpoint.
        @unreachable
    Create the log group, or correct its name and Region in the log configuration.
        notfound
        not found
        not exist
        cannot find
    Check the log driver's options in the task definition.

STORAGE
    Install the volume's plugin on the container instance.
        volume plugin
        volumedriver
        plugin*not found
    Check the ECS infrastructure role: its trust policy and its permissions for EBS volumes.
        infrastructure role
        ec2:createvolume
        ec2:attachvolume
    Check the file system's ID, DNS in the VPC, and a mount target in the task's zone.
        failed to resolve
        name or service not known
        dns name
        dns resolution
    Check the file system's policy, the access point and the task role's permissions.
        @not authorized
        permission denied
        operation not permitted
    Check that the path or volume to mount exists.
        no such file
        does not exist
        not found
    Check the EBS volume's Availability Zone, its quota, and the ECS infrastructure role.
        ebs volume
        for ebs
        amazon ebs
        elasticblockstor
    Check that the security groups let NFS (TCP 2049) through, and the mount targets.
        @unreachable
    Check the volume's configuration, and that the task can reach it.

NETWORK
    Check ECS's service-linked role, and service control policies for network interfaces.
        unauthorizedoperation
    The subnet is out of IP addresses: free some or use a larger subnet.
        insufficientfreeaddresses
        free address
        no ip address
        ip addresses
    The instance has no network interface left: use ENI trunking or a larger type.
        unused device index
        eni limit
        network interface limit
    Ask for a higher quota of network interfaces, or run fewer tasks.
        networkinterfacelimit
    Start the task again.
        timeout waiting for network interface
    Check the tags that the task propagates against the tag policy.
        tagpolicy
    Check that the subnets exist in the task's VPC.
        subnetid.notfound
    Check that the security groups exist in the task's VPC.
        securitygroup
        security group
        invalidgroup.notfound
    Check subnets, security groups, routes and VPC endpoints of the task.

RESOURCE_INITIALIZATION
    Check the control groups (cgroups) of the container instance, and restart its agent.
        cgroup
    Check the credentials-fetcher, the gMSA and the domain of the container instance.
        kerberos
        krb
        credspec
        username, password or domain
    Check the infrastructure role's trust policy: ecs.amazonaws.com must be allowed to assume it.
        infrastructure role
    Check the role's trust policy: ecs-tasks.amazonaws.com must be allowed to assume it.
        assume role
        assume the role
    Check that the target group exists in the task's account and Region.
        target group
    Check the launch type or capacity provider against the task definition.
        not compatible
    Check what stoppedReason names: role, network, volumes, secrets.

CONTAINER_START
    Check the Docker daemon and the agent on the container instance.
        docker daemon
        docker client
    The instance has too many control groups (cgroups): restart or replace it.
        /sys/fs/cgroup*no space left
    Check workingDirectory, which the image lacks.
        chdir to cwd
    Remove the old container, or restart Docker and the agent on the container instance.
        is already in use by container
    Check links in the task definition: the linked container must be in the task.
        link target
    Check that the image has the DLLs that the program needs, for its version of Windows.
        3221225781
        3221225785
        3221225794
    Build the image for the task's CPU architecture.
        exec format error
    The host port is taken: use dynamic host ports or awsvpc network mode.
        port is already
        address already in use
        port conflict
    Check that the entry point is executable and the user may run it.
        permission denied
    Check entryPoint and command, and that the image contains them.
        executable file not found
        no such file
        no command
    Check that the image has the user it runs as.
        unable to find user
        linux spec user
    Check the devices and drivers of the container instance.
        nvidia
        gpu
        device
    Check entryPoint, command, user and the rest of the container definition.

OUT_OF_MEMORY
    Raise the memory of the container or task, or find the leak.

OUT_OF_DISK
    Free space on the container instance: old images and containers; or a larger disk.
        thin pool
        /var/lib/docker
    Raise the ephemeral storage (Fargate) or the instance's disk, or shrink the image.

CONTAINER_HEALTH_CHECK
    Check the health check's command, startPeriod and timeout, and the container's log.

LOAD_BALANCER_HEALTH_CHECK
    Check the health check's path and port, security groups and the grace period.

APPLICATION_ERROR
    Check that entryPoint and command exist in the image, and are on its PATH.
        exit code 127
    Check that entryPoint and command are executable, and built for the CPU architecture.
        exit code 126
    Read the container's last log lines.

SIGNAL
    Compare the memory it used with its limit; otherwise find who or what sent SIGKILL.
        137
    The program crashed: read its last log lines, and look for native code or a bad architecture.
        139
        134
        132
        135
        136
        3221225477
        3221225501
        3221225725
        3221226356
        3221226505
    The program made a system call that the container may not make: check its capabilities.
        159
    Find who or what told it to stop: its log, its entry point, another container.
        143
        130
        129
        exit code 0
        3221225786
    Read the container's last log lines.

DEPENDENCY_FAILED
    Find out why the container that is depended on (dependsOn) failed.

TIMEOUT
    Raise the job's attempt timeout, or find out why the job takes longer.
        job attempt duration
    Start the task again; on EC2, check the instance's load, disk and agent.

INTERNAL_ERROR
    Check the Docker daemon and the agent on the container instance.
        docker daemon
        docker client
    Start the task again; if it recurs, see the AWS Health Dashboard.

CAPACITY
    Check that the infrastructure role may launch instances and pass the instances' role.
        @not authorized
        unauthorizedoperation
    Try again, add Availability Zones, or let FARGATE stand in for FARGATE_SPOT.
        resource:fargate
    Compare the placement constraints with the attributes of the instances.
        memberof
        placement constraint
        attribute
        ^location
    Add instances to the capacity provider or the cluster, and check that they join it.
        no container instances
        no active
    The instances have no network interface left: use ENI trunking or larger types.
        resource:eni
        device index
    Check that the agents of the instances are connected: role, route to ECS, the agent's log.
        agent
    Raise the maximum of the Auto Scaling group, or check its managed scaling.
        empty capacity provider
    Use more instance types or Availability Zones.
        insufficientinstancecapacity
        insufficient instance capacity
    The host port is taken: use dynamic host ports or awsvpc network mode, or add instances.
        resource:port
        already using a port
    No instance has what the task needs: compare CPU, memory and ports, or add one.
        resource:
        container instance
        insufficient cpu
        insufficient memory
    Compare what the job needs with its compute environment, and check its capacity.
        jobstatetimelimit
    Ask for a higher service quota, or run fewer tasks.
        limit
        quota
    Try again, or add Availability Zones or capacity providers.

SPOT_INTERRUPTION
    Start it again; mix Spot with on-demand capacity.

REQUEST_REFUSED
    A policy denies the call explicitly: change that policy, or use another role.
        explicit deny
    Allow the caller what the message names: ecs:RunTask, or iam:PassRole for the task's roles.
        ^accessdenied
    Use new credentials: those of the caller have expired.
        ^expiredtoken
    The account is blocked: ask AWS Support.
        ^blocked
    Start fewer tasks at once, or ask AWS for a higher quota.
        ^throttling
        ^requestlimit
        ^toomanyrequests
        ^limitexceeded
        ^servicequota
    Check the name of the cluster, and the region of the call.
        ^clusternotfound
    Name a container instance that is in the cluster.
        ^missing
    Correct the call: the message says what ECS refused.

HOST_FAILURE
    Check that the agent of the instance is connected: its role, its route to ECS, its log.
        ^agent $
    Start it again; see why the instance went away.

MAINTENANCE
    Start it again; see the task retirement notice.

UNKNOWN
    See the service's events; check capacity, network interfaces and the container agent.
        task failed to start
        taskfailedtostart
    Read the containers' last log lines and stoppedReason.
"""

LISTS = {
    "not authorized": """\
accessdenied
access denied
not authorized
unauthorized
code: 403
403 forbidden
403 (forbidden)
forbidden
no basic auth credentials
may require 'docker login'
not allowed
authentication required
authorization failed
""".splitlines(),
    "unreachable": """\
i/o timeout
connection issue
deadline exceeded
request canceled
requestcanceled
request cancelled
requesterror
send request failed
dial tcp
no such host
no route
connection refused
connection reset
connection timed out
timed out
unreachable
could not reach
network configuration
awaiting headers
waiting for connection
tls handshake timeout
statuscode: 0
""".splitlines(),
}


@lru_cache(maxsize=64)
def find_remedy(cause: Cause, text: str) -> str:
    """Return the cause's first remedy with a pattern in the text, or else its last."""
    text = f"^{text}$"
    remedy = ""
    for line in REMEDIES.partition(f"\n{cause}\n")[2].partition("\n\n")[0].splitlines():
        words = line.strip()
        if line.startswith("        "):
            if any(contains(text, each.split("*")) for each in patterns(words)):
                return remedy
        else:
            remedy = words
    return remedy


def patterns(words: str) -> list[str]:
    """Return the patterns that a line of the table stands for."""
    before, at, name = words.partition("@")
    return [f"{before}*{each}" if before else each for each in LISTS[name]] if at else [words]
