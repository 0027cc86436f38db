security-notice-subject = تم تغيير صلاحيات الوصول إلى { $portal }
security-notice-preheader = إذا لم تكن تتوقع ذلك، فتصرّف فورًا.
security-notice-heading = تغيير في صلاحيات الوصول
security-notice-api-key-created = تم إنشاء مفتاح واجهة البرمجة «{ $names }» في { $portal } يوم **{ $when }**.
security-notice-administrator-added = أصبح «{ $names }» من مسؤولي { $portal } يوم **{ $when }**.
security-notice-second-factor-added =
    يتطلب تسجيل الدخول إلى { $portal } بحسابك رمزًا لمرة واحدة منذ **{ $when }**.
security-notice-second-factor-removed =
    أزال أحد المسؤولين العامل الثاني لحسابك في { $portal } يوم **{ $when }**. يمكنك تسجيل الدخول بكلمة المرور وحدها وإعداد
    عامل جديد.
security-notice-if-expected = إذا كنت تتوقع ذلك، فلا حاجة إلى أي إجراء.
security-notice-check = تحقق مما تغيّر وتراجع عنه:
security-notice-then = ثم راسلنا:
