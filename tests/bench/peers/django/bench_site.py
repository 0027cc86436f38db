"""A JSON API for Django's accounts. Emails aren't sent; /tokens returns the tokens they would contain."""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench_settings")

import django

django.setup()

from django.contrib.auth import authenticate, get_user_model, login
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

tokens = []


def request_reset(request):
    email = json.loads(request.body)["email"]
    # Like PasswordResetForm.save, but without HTML templates.
    for user in get_user_model().objects.filter(email__iexact=email, is_active=True):
        token = urlsafe_base64_encode(force_bytes(user.pk)) + "." + default_token_generator.make_token(user)
        link = f"http://127.0.0.1/reset/{token}"
        send_mail("Password reset", f"Somebody asked for a new password: {link}", "no-reply@example.com", [user.email])
        tokens.append(token)
    return HttpResponse(status=202)


def redeem(request):
    body = json.loads(request.body)
    uid, token = body["token"].split(".", 1)
    user = get_user_model().objects.get(pk=urlsafe_base64_decode(uid).decode())
    if not default_token_generator.check_token(user, token):
        return HttpResponse(status=400)
    form = SetPasswordForm(user, {"new_password1": body["new_password"], "new_password2": body["new_password"]})
    if not form.is_valid():
        return HttpResponse(status=422)
    form.save()
    return HttpResponse(status=204)


def sign_in(request):
    body = json.loads(request.body)
    user = authenticate(request, username=body["email"], password=body["password"])
    if user is None:
        return HttpResponse(status=401)
    login(request, user)
    return HttpResponse(status=200)


def told(request):
    from django.core import mail

    mail.outbox = []
    told, tokens[:] = list(tokens), []
    return JsonResponse(told, safe=False)


urlpatterns = [
    path("request", request_reset),
    path("redeem", redeem),
    path("sign-in", sign_in),
    path("tokens", told),
    path("ready", lambda request: HttpResponse("yes")),
]

application = get_wsgi_application()


def prepare():
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User = get_user_model()
    hash = make_password(os.environ["PASSWORD"])
    names = [f"known-{number}@example.com" for number in range(int(os.environ["USERS"]))]
    User.objects.bulk_create([User(username=name, email=name, password=hash) for name in names], 500)


if __name__ == "__main__":
    prepare()
