"""Tests the code of the function that creates the web ACL. AWS WAF is a stand-in that keeps web ACLs in memory; botocore
checks each call against AWS's definition of the API.
"""

import io
import json
import pathlib
import sys
import time
import urllib.request

import boto3
import botocore.client
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from samcli.yamlhelper import yaml_parse

TEMPLATE = pathlib.Path(__file__).resolve().parents[2] / "infra/template.yaml"
WANTED = {"Name": "mailkey-requests-per-address", "Limit": "500"}


class Waf:
    """Web ACLs by ARN."""

    def __init__(self):
        self.acls, self.tokens, self.associated, self.regions = {}, 0, 0, set()

    def call(self, client, operation, arguments):
        self.regions.add(client.meta.region_name)
        shape = client.meta.service_model.operation_model(operation).input_shape
        problems = ParamValidator().validate(arguments, shape).generate_report()
        assert not problems, (operation, problems)
        return getattr(self, operation)(**arguments)

    def ListWebACLs(self, Scope, Limit):
        return {"WebACLs": [{"Name": acl["Name"], "ARN": arn} for arn, acl in self.acls.items()][:Limit]}

    def CreateWebACL(self, Name, **acl):
        arn = f"arn:aws:wafv2:us-east-1:123456789012:global/webacl/{Name}/id-{len(self.acls)}"
        self.acls[arn] = acl | {"Name": Name, "Token": self.token()}
        return {"Summary": {"ARN": arn}}

    def GetWebACL(self, Name, Scope, Id):
        return {"LockToken": self.acls[self.find(Name, Id)]["Token"]}

    def UpdateWebACL(self, Name, Id, LockToken, **acl):
        arn = self.find(Name, Id)
        assert self.acls[arn]["Token"] == LockToken
        self.acls[arn] = acl | {"Name": Name, "Token": self.token()}
        return {}

    def DeleteWebACL(self, Name, Scope, Id, LockToken):
        arn = self.find(Name, Id)
        if self.associated:
            self.associated -= 1
            raise ClientErrors.WAFAssociatedItemException
        assert self.acls[arn]["Token"] == LockToken
        del self.acls[arn]
        return {}

    def find(self, name, id):
        for arn in self.acls:
            if arn.endswith(f"/{name}/{id}"):
                return arn
        raise ClientErrors.WAFNonexistentItemException

    def token(self):
        self.tokens += 1
        return f"token-{self.tokens}"


class ClientErrors:
    """The exceptions of the client that the tested code uses."""


def main():
    answers, waf = [], Waf()
    botocore.client.BaseClient._make_api_call = lambda client, operation, arguments: waf.call(client, operation, arguments)
    time.sleep = lambda _: None

    def answer(request, timeout):
        assert request.method == "PUT" and request.full_url == "https://answer.example/", request.full_url
        answers.append(json.loads(request.data))
        return io.BytesIO()

    urllib.request.urlopen = answer
    code = yaml_parse(TEMPLATE.read_text())["Resources"]["RateRuleFunction"]["Properties"]["Code"]["ZipFile"]
    scope = {}
    exec(compile(code, "RateRuleFunction", "exec"), scope)
    for name in ("WAFAssociatedItemException", "WAFNonexistentItemException"):
        known = getattr(scope["waf"].exceptions, name)
        setattr(ClientErrors, name, known({"Error": {"Code": name, "Message": "no"}}, "DeleteWebACL"))
        assert issubclass(known, ClientError)

    def change(kind, arn=None, **wanted):
        event = {"RequestType": kind, "ResponseURL": "https://answer.example/", "ResourceProperties": WANTED | wanted}
        event |= {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "RateRule"}
        scope["handler"](event | ({"PhysicalResourceId": arn} if arn else {}), None)
        return answers[-1]

    def limit():
        (acl,) = waf.acls.values()
        return acl["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"]

    created = change("Create")
    arn = created["PhysicalResourceId"]
    assert created["Status"] == "SUCCESS" and arn in waf.acls and limit() == 500, created
    # CloudFormation repeats a creation whose answer it didn't get.
    assert change("Create")["PhysicalResourceId"] == arn and len(waf.acls) == 1
    assert change("Update", arn, Limit="100")["PhysicalResourceId"] == arn and limit() == 100
    waf.associated = 3
    assert change("Delete", arn)["Status"] == "SUCCESS" and not waf.acls
    assert change("Delete", arn)["Status"] == "SUCCESS", "deleting it twice"
    assert change("Delete", "none")["Status"] == "SUCCESS", "deleting what was never created"
    again = change("Create")["PhysicalResourceId"]
    waf.associated = 1000
    assert change("Delete", again)["Status"] == "FAILED" and waf.acls, "CloudFront still uses it"
    failed = change("Update", again, Limit="not a number")
    assert failed["Status"] == "FAILED" and "not a number" in failed["Reason"] and failed["PhysicalResourceId"] == again
    assert waf.regions == {"us-east-1"}, "CloudFront's web ACLs exist only there"
    print("The web ACL's function creates, changes and deletes it, and reports failures.")


if __name__ == "__main__":
    sys.exit(main())
