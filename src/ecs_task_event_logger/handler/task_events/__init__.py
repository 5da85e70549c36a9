"""What runs in the Lambda function: an ECS event in, at most one line of JSON out.

Standard library only, and as little of it as possible: Lambda compiles this package from source
at every cold start.
"""
