// Sends notifications with nodemailer's SES transport, as a portal would.

import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import nodemailer from "nodemailer";

const [endpoint, recipients] = process.argv.slice(2);
const sesClient = new SESv2Client({ region: "us-east-1", endpoint, credentials: { accessKeyId: "local", secretAccessKey: "local" } });
const transport = nodemailer.createTransport({ SES: { sesClient, SendEmailCommand } });

for (const [name, address] of Object.entries(JSON.parse(recipients))) {
  await transport.sendMail({
    from: { name: "Le café du portail", address: "notify@portal.example" },
    to: { name, address },
    subject: `Réponse à votre demande, ${name}`,
    text: "Une réponse vous attend.",
    html: "<p>Une réponse vous attend.</p>",
    ses: { ConfigurationSetName: "notifications", EmailTags: [{ Name: "kind", Value: "notification" }] },
  });
}
