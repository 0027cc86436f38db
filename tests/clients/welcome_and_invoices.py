"""Sends welcome emails and invoices with Django, as a portal would. The settings are those of the page."""

import json
import sys

from django.core.mail import EmailMultiAlternatives, send_mail


def main():
    recipients = json.load(sys.stdin)
    for name, address in recipients["welcome"].items():
        send_mail(f"Willkommen, {name} – schön, dass du da bist!", "Grüße aus dem Portal", "Portal <hello@portal.example>", [address])
    for name, address in recipients["invoice"].items():
        invoice = EmailMultiAlternatives(f"Invoice for {name}", "Attached.", "billing@shop.portal.example", [address], bcc=["archive@example.org"])
        invoice.attach_alternative("<p>Attached.</p>", "text/html")
        invoice.attach("invoice.pdf", b"%PDF-1.7", "application/pdf")
        invoice.send()


main()
