"""Facts of AWS Config: remediations of rules, and how they went."""

from __future__ import annotations

from datetime import datetime

from findings.facts.base import Fact, Record

REMEDIABLE = {
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED": (
        "AWSConfigRemediation-EnableCloudTrailLogFileValidation"
    ),
    "CMK_BACKING_KEY_ROTATION_ENABLED": "AWSConfigRemediation-EnableKeyRotation",
    "DYNAMODB_PITR_ENABLED": "AWSConfigRemediation-EnablePITRForDynamoDbTable",
    "EC2_EBS_ENCRYPTION_BY_DEFAULT": "AWSConfigRemediation-EnableEbsEncryptionByDefault",
    "EC2_IMDSV2_CHECK": "AWSConfigRemediation-EnforceEC2InstanceIMDSv2",
    "ELB_DELETION_PROTECTION_ENABLED": "AWSConfigRemediation-EnableELBDeletionProtection",
    "ELB_LOGGING_ENABLED": "AWSConfigRemediation-EnableLoggingForALBAndCLB",
    "IAM_PASSWORD_POLICY": "AWSConfigRemediation-SetIAMPasswordPolicy",
    "INCOMING_SSH_DISABLED": "AWS-DisablePublicAccessForSecurityGroup",
    "RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED": (
        "AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance"
    ),
    "RDS_CLUSTER_DELETION_PROTECTION_ENABLED": (
        "AWSConfigRemediation-EnableRDSClusterDeletionProtection"
    ),
    "RDS_ENHANCED_MONITORING_ENABLED": (
        "AWSConfigRemediation-EnableEnhancedMonitoringOnRDSInstance"
    ),
    "RDS_INSTANCE_DELETION_PROTECTION_ENABLED": (
        "AWSConfigRemediation-EnableRDSInstanceDeletionProtection"
    ),
    "S3_BUCKET_LOGGING_ENABLED": "AWS-ConfigureS3BucketLogging",
    "S3_BUCKET_PUBLIC_READ_PROHIBITED": "AWS-DisableS3BucketPublicReadWrite",
    "S3_BUCKET_PUBLIC_WRITE_PROHIBITED": "AWS-DisableS3BucketPublicReadWrite",
    "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED": "AWS-EnableS3BucketEncryption",
    "S3_BUCKET_SSL_REQUESTS_ONLY": "AWSConfigRemediation-RestrictBucketSSLRequestsOnly",
    "S3_BUCKET_VERSIONING_ENABLED": "AWS-ConfigureS3BucketVersioning",
    "SNS_ENCRYPTED_KMS": "AWSConfigRemediation-EncryptSNSTopic",
    "VPC_FLOW_LOGS_ENABLED": "AWSConfigRemediation-EnableVPCFlowLogsToCloudWatch",
}
"""Managed rules, by source identifier, and a runbook of AWS that repairs what they find.

https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/
"""

SAFE = (
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
    "CMK_BACKING_KEY_ROTATION_ENABLED",
    "DYNAMODB_PITR_ENABLED",
    "EC2_EBS_ENCRYPTION_BY_DEFAULT",
    "ELB_DELETION_PROTECTION_ENABLED",
    "ELB_LOGGING_ENABLED",
    "RDS_CLUSTER_DELETION_PROTECTION_ENABLED",
    "RDS_INSTANCE_DELETION_PROTECTION_ENABLED",
    "S3_BUCKET_LOGGING_ENABLED",
    "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
    "S3_BUCKET_VERSIONING_ENABLED",
    "VPC_FLOW_LOGS_ENABLED",
)
"""Those of them whose repair takes nothing away from a workload that runs."""


class Remediation(Fact, kind="config.remediation", identity=("rule", "resource_type")):
    """What repairs the resources that do not comply with a rule.

    ``rule_source`` is the identifier of the managed rule, or the function of a custom one.
    """

    rule: str
    resource_type: str
    rule_source: str | None
    target_type: str
    target_version: str | None
    is_automatic: bool
    max_attempts: int | None

    @property
    def is_pinned(self) -> bool:
        """Whether it names a version by number: $DEFAULT and $LATEST change by themselves."""
        return (self.target_version or "").isdecimal()


class RemediationExecution(Record):
    """One execution for one resource; ``failed_step`` names the first step that failed."""

    state: str | None
    invoked_at: datetime | None
    failed_step: str | None


class RemediationHistory(
    Fact, kind="config.remediation_history", identity=("rule",), volatile=("executions",)
):
    """The executions of a rule's remediation that Config still knows."""

    rule: str
    executions: tuple[RemediationExecution, ...]
