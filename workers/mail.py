"""Letters by e-mail, through the mail server of the settings."""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from findings.notifying.letters import mail_html, mail_subject, mail_text
from findings.services.notification_messages import Outcome, Parcel


def mail_send(parcel: Parcel) -> Outcome:
    """Send it, and say how that went; nothing of the server's own words."""
    try:
        mail_of(parcel).send()
    except SMTPRecipientsRefused as refusal:
        ((code, _),) = refusal.recipients.values()  # a mail has one address
        is_final = 500 <= code < 600
        return Outcome(error=f"The mail server refused the address ({code}).", is_final=is_final)
    except SMTPAuthenticationError as error:
        words = f"The mail server refused the user or the password ({error.smtp_code})."
        return Outcome(error=words)
    except SMTPResponseException as error:
        return Outcome(error=f"The mail server refused the message ({error.smtp_code}).")
    except SMTPException as error:
        return Outcome(error=f"The mail server did not take it: {type(error).__name__}.")
    except OSError as error:
        return Outcome(error=f"No connection to the mail server: {type(error).__name__}.")
    except ValueError:  # an address that no header can hold
        return Outcome(error="The address or the subject cannot be sent.", is_final=True)
    return Outcome()


def mail_of(parcel: Parcel) -> EmailMultiAlternatives:
    """The Message-ID is the same at each attempt, so that one who has it twice sees it once."""
    letter, message = parcel.letter, parcel.message
    host = urlsplit(settings.PUBLIC_URL).hostname or "cairn.invalid"
    headers = {
        "Message-ID": f"<{message.uid}@{host}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answer of an absent person
    }
    if letter.settings_url:
        headers["List-Unsubscribe"] = f"<{letter.settings_url}>"
    mail = EmailMultiAlternatives(
        subject=mail_subject(letter),
        body=mail_text(letter),
        to=[message.subscriber.address],
        headers=headers,
    )
    mail.attach_alternative(mail_html(letter), "text/html")
    return mail
