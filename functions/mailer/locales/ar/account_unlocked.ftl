account-unlocked-subject = تم إلغاء قفل حسابك في { $portal }
account-unlocked-preheader = وذلك يوم { $when }. يمكنك تسجيل الدخول من جديد.
account-unlocked-heading = تم إلغاء قفل حسابك
account-unlocked-when = ألغى أحد المسؤولين في { $portal } قفل حسابك يوم __{ $when }__.
account-unlocked-sign-in = يمكنك تسجيل الدخول من جديد:
account-unlocked-not-asked = __إذا لم يكن ذلك بطلب منك،__ فيُرجى مراسلتنا:
