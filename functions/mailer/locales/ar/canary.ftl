canary-subject = رسالة اختبار من { $portal }
canary-preheader = تتحقق من الإرسال ومن أحداث SES.
canary-heading = رسالة اختبار
canary-proof = تتحقق هذه الرسالة من أن الرسائل تُرسل وأن أحداث SES تصل. لا حاجة إلى أن يقرأها أحد.
