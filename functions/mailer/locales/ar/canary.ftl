canary-subject = رسالة اختبار من { $portal }
canary-preheader = الرسائل تُرسل.
canary-heading = الرسائل تُرسل
canary-proof = تثبت هذه الرسالة أن الرسائل تُرسل وأن أحداث SES تعود. لا حاجة إلى أن يقرأها أحد.
