"""Sends raw messages with boto3: a list of texts on standard input, to the recipients in their headers."""

import json
import sys

import boto3

ses = boto3.client("sesv2", region_name="us-east-1", endpoint_url=sys.argv[1], aws_access_key_id="local", aws_secret_access_key="local")
for message in json.load(sys.stdin):
    ses.send_email(Content={"Raw": {"Data": message.encode()}})
