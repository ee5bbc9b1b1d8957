"""Tokens: managed identity as in App Service, and a client with its secret."""

import os
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, CredentialUnavailableError, ManagedIdentityCredential
from azure.mgmt.dns import DnsManagementClient

from stage import CLIENT, SECRET, SUBSCRIPTION, TENANT, ZONE, refused

SCOPE = "https://management.azure.com/.default"


def secret_credential(stage, secret=SECRET, client=CLIENT) -> ClientSecretCredential:
    return ClientSecretCredential(
        TENANT, client, secret, authority=stage.url, disable_instance_discovery=True, retry_total=0
    )


class Fixed:
    """A credential that always hands out the same token."""

    def __init__(self, token: str):
        self.token = token

    def get_token(self, *_scopes, **_options) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


def zones(stage, credential) -> list:
    client = DnsManagementClient(credential, SUBSCRIPTION, base_url=stage.url, retry_total=0)
    return [zone.name for zone in client.zones.list()]


def checks(stage):
    def system_assigned():
        token = ManagedIdentityCredential().get_token(SCOPE)
        assert token.token and token.expires_on > time.time(), token.expires_on
        return f"a token for {int(token.expires_on - time.time()) // 60} minutes"

    def user_assigned():
        assert ManagedIdentityCredential(client_id=CLIENT).get_token("https://monitor.azure.com/.default").token
        return "a token for another audience"

    def wrong_header():
        right = os.environ["IDENTITY_HEADER"]
        os.environ["IDENTITY_HEADER"] = "not the header of this app"
        try:
            ManagedIdentityCredential(retry_total=0).get_token(SCOPE)
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            return f"refused, {type(error).__name__}"
        finally:
            os.environ["IDENTITY_HEADER"] = right
        raise AssertionError("a token without the right identity header")

    def right_secret():
        token = secret_credential(stage).get_token(SCOPE)
        assert token.token and token.expires_on > time.time(), token.expires_on
        return "a token"

    def wrong_secret():
        try:
            secret_credential(stage, secret="wrong").get_token(SCOPE)
        except ClientAuthenticationError as error:
            assert "AADSTS7000215" in str(error), error
            return "refused, AADSTS7000215"
        raise AssertionError("a token for a wrong secret")

    def unknown_client():
        other = "99999999-9999-9999-9999-999999999999"
        try:
            secret_credential(stage, client=other).get_token(SCOPE)
        except ClientAuthenticationError as error:
            assert "AADSTS700016" in str(error), error
            return "refused, AADSTS700016"
        raise AssertionError("a token for an unknown client")

    def both_open_doors():
        found = [zones(stage, credential) for credential in (ManagedIdentityCredential(), secret_credential(stage))]
        assert found == [[ZONE], [ZONE]], found
        return f"both see the zone {ZONE}"

    def wrong_audience():
        token = ManagedIdentityCredential().get_token("https://monitor.azure.com/.default").token
        refused(lambda: zones(stage, Fixed(token)), 401)
        return "refused, 401"

    def no_token():
        refused(lambda: zones(stage, Fixed("static-test-token")), 401)
        return "refused, 401"

    return [
        ("managed identity, system-assigned", system_assigned),
        ("managed identity, user-assigned", user_assigned),
        ("managed identity with a wrong header", wrong_header),
        ("client secret", right_secret),
        ("client secret, wrong", wrong_secret),
        ("client secret of an unknown client", unknown_client),
        ("tokens open the zone list", both_open_doors),
        ("a token for another audience", wrong_audience),
        ("a token that is none", no_token),
    ]
