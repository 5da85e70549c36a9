"""What to check first, by cause and, where the evidence is, by the text that gives it away.

Data only, in the manner of ``wordings.py``: the first remedy whose wordings match counts, and the
last one of each cause has none, for when nothing more is known. What to check is what AWS's own
pages on stopped tasks say:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from .cause import Cause

_NOT_AUTHORIZED = (
    "accessdenied",
    "access denied",
    "not authorized",
    "unauthorized",
    "403",
    "forbidden",
    "no basic auth credentials",
    "may require 'docker login'",
    "not allowed",
    "authentication required",
    "authorization failed",
)
_UNREACHABLE = (
    "i/o timeout",
    "connection issue",
    "deadline exceeded",
    "request canceled",
    "requestcanceled",
    "request cancelled",
    "requesterror",
    "send request failed",
    "dial tcp",
    "no such host",
    "no route",
    "connection refused",
    "connection reset",
    "connection timed out",
    "timed out",
    "unreachable",
    "could not reach",
    "network configuration",
    "awaiting headers",
    "waiting for connection",
    "tls handshake timeout",
    "statuscode: 0",
)

REMEDIES = {
    Cause.IMAGE_PULL: (
        (
            ("toomanyrequests", "too many requests", "rate limit", "rate exceeded", "throttl"),
            "Registry rate limit: authenticate to the registry or use an ECR pull through cache.",
        ),
        (
            ("platform", "no matching manifest"),
            "Build the image for the task's CPU architecture and operating system.",
        ),
        (("x509", "certificate"), "Check the registry's certificate, which is not trusted."),
        (
            _UNREACHABLE,
            "Check the route to the registry: NAT gateway, public IP or VPC endpoints; DNS.",
        ),
        (
            ("repository does not exist or may require", "pull access denied"),
            "Check the image's name and that the execution role may pull it.",
        ),
        (
            _NOT_AUTHORIZED,
            "Check that the execution role may pull the image (ecr:GetAuthorizationToken, "
            "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer).",
        ),
        (
            ("not found", "does not exist", "manifest unknown", "name unknown", "no such image"),
            "Check that the image's repository and its tag or digest exist.",
        ),
        (("invalid reference format",), "Correct the image's name in the task definition."),
        ((), "Check the image's name, the execution role and the route to the registry."),
    ),
    Cause.SECRETS: (
        (
            _UNREACHABLE,
            "Check the route to Secrets Manager or Systems Manager: NAT gateway or VPC endpoints.",
        ),
        (
            ("kms",),
            "Check that the execution role may decrypt with the secret's KMS key (kms:Decrypt).",
        ),
        (
            _NOT_AUTHORIZED,
            "Check that the execution role may read it (secretsmanager:GetSecretValue, "
            "ssm:GetParameters, s3:GetObject).",
        ),
        (
            (
                "not found",
                "notfound",
                "can't find",
                "does not exist",
                "no such",
                "nosuch",
                "invalid",
            ),
            "Check that the secret, parameter or file exists in this Region by that name or ARN.",
        ),
        (
            ("json key", "invalid character", "did not contain"),
            "Check that the secret's value is JSON with the key that the task definition names.",
        ),
        ((), "Check that the secret exists and that the execution role may and can reach it."),
    ),
    Cause.LOG_DRIVER: (
        (
            _NOT_AUTHORIZED,
            "Check that the execution role may write logs (logs:CreateLogStream, "
            "logs:PutLogEvents; logs:CreateLogGroup for awslogs-create-group).",
        ),
        (
            ("notfound", "not found", "not exist", "cannot find"),
            "Create the log group, or correct its name and Region in the log configuration.",
        ),
        (_UNREACHABLE, "Check the route to CloudWatch Logs: NAT gateway or VPC endpoint."),
        ((), "Check the log driver's options in the task definition."),
    ),
    Cause.STORAGE: (
        (
            ("failed to resolve", "name or service not known", "dns"),
            "Check the file system's ID, DNS in the VPC, and a mount target in the task's zone.",
        ),
        (
            _NOT_AUTHORIZED,
            "Check the file system's policy, the access point and the task role's permissions.",
        ),
        (
            ("no such file", "does not exist", "not found"),
            "Check that the path or volume that is to be mounted exists.",
        ),
        (
            _UNREACHABLE,
            "Check that the security groups let NFS (TCP 2049) through, and the mount targets.",
        ),
        ((), "Check the volume's configuration, and that the task can reach it."),
    ),
    Cause.NETWORK: (
        (
            ("insufficientfreeaddresses", "free address", "no ip address", "ip addresses"),
            "The subnet is out of IP addresses: free some or use a larger subnet.",
        ),
        (
            ("unused device index", "eni limit", "network interface limit"),
            "The instance has no network interface left: use ENI trunking or a larger type.",
        ),
        (("tagpolicy",), "Check the tags that the task propagates against the tag policy."),
        (
            ("securitygroup", "security group"),
            "Check that the security groups exist in the task's VPC.",
        ),
        ((), "Check subnets, security groups, routes and VPC endpoints of the task."),
    ),
    Cause.RESOURCE_INITIALIZATION: (
        (
            ("not compatible",),
            "Check the launch type or capacity provider against the task definition.",
        ),
        ((), "Check what stoppedReason names: role, network, volumes, secrets."),
    ),
    Cause.CONTAINER_START: (
        (("exec format error",), "Build the image for the task's CPU architecture."),
        (
            ("port is already", "address already in use", "port conflict"),
            "The host port is taken: use dynamic host ports or awsvpc network mode.",
        ),
        (
            ("permission denied",),
            "Check that the entry point is executable and the user may run it.",
        ),
        (
            ("executable file not found", "no such file", "no command"),
            "Check entryPoint and command, and that the image contains them.",
        ),
        (
            ("unable to find user", "linux spec user"),
            "Check that the image has the user it runs as.",
        ),
        (("nvidia", "gpu", "device"), "Check the devices and drivers of the container instance."),
        ((), "Check entryPoint, command, user and the rest of the container definition."),
    ),
    Cause.OUT_OF_MEMORY: (((), "Raise the memory of the container or task, or find the leak."),),
    Cause.OUT_OF_DISK: (
        (
            ("thin pool", "/var/lib/docker"),
            "Free space on the container instance: old images and containers; or a larger disk.",
        ),
        ((), "Raise the ephemeral storage (Fargate) or the instance's disk, or shrink the image."),
    ),
    Cause.CONTAINER_HEALTH_CHECK: (
        ((), "Check the health check's command, startPeriod and timeout, and the container's log."),
    ),
    Cause.LOAD_BALANCER_HEALTH_CHECK: (
        ((), "Check the health check's path and port, security groups and the grace period."),
    ),
    Cause.APPLICATION_ERROR: (((), "Read the container's last log lines."),),
    Cause.SIGNAL: (
        ((), "Read the container's last log lines; after SIGKILL, compare memory use and limit."),
    ),
    Cause.DEPENDENCY_FAILED: (
        ((), "Find out why the container that is depended on (dependsOn) failed."),
    ),
    Cause.TIMEOUT: (((), "Check the host's load, disk and agent, then start the task again."),),
    Cause.INTERNAL_ERROR: (
        ((), "Start the task again; if it recurs, see the AWS Health Dashboard."),
    ),
    Cause.CAPACITY: (
        (
            ("resource:", "container instance", "insufficient cpu", "insufficient memory"),
            "No instance has what the task needs: compare the two, or add an instance.",
        ),
        (("limit", "quota"), "Ask for a higher service quota, or run fewer tasks."),
        ((), "Try again, or add Availability Zones or capacity providers."),
    ),
    Cause.SPOT_INTERRUPTION: (((), "Start it again; mix Spot with on-demand capacity."),),
    Cause.HOST_FAILURE: (((), "Start it again; see why the instance went away."),),
    Cause.MAINTENANCE: (((), "Start it again; see the task retirement notice."),),
    Cause.UNKNOWN: (((), "Read the containers' last log lines and stoppedReason."),),
}
