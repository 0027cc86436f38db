address-changed-subject = Votre adresse e-mail pour { $portal } a été modifiée
address-changed-preheader = Le { $when }. Si ce n’était pas vous, écrivez-nous immédiatement.
address-changed-heading = Votre adresse e-mail a été modifiée
address-changed-when =
    L’adresse e-mail de votre compte { $portal } a été modifiée le **{ $when }**. Jusque-là, c’était celle à laquelle
    cet e-mail est envoyé.
address-changed-from-now-on =
    Désormais, nous envoyons nos e-mails à la nouvelle adresse. Les liens envoyés à l’ancienne ne fonctionnent plus.
address-changed-if-you = Si c’était vous, ou si cela a été fait pour vous, vous n’avez rien à faire.
address-changed-if-not-you =
    Quelqu’un d’autre est peut-être en train de prendre le contrôle de votre compte. Écrivez-nous immédiatement :
