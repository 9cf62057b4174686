"""CloudFormation resource types that ministack does not know."""
