# The hourly test email to SES's mailbox simulator.
canary-subject = { $portal } canary
canary-preheader = Tests sending and SES events.
canary-heading = Test email
canary-proof = This email tests whether emails are sent and SES events arrive. Nobody needs to read it.
