password-reset-subject = إعادة تعيين كلمة مرورك في { $portal }
password-reset-preheader = يعمل الرابط الموجود في هذه الرسالة مرة واحدة فقط ولمدة { $lifetime }.
password-reset-heading = إعادة تعيين كلمة المرور
password-reset-asked = تلقينا طلبًا لإعادة تعيين كلمة مرور حسابك في { $portal }.
password-reset-by-administrator = بدأ أحد المسؤولين في { $portal } إعادة تعيين كلمة مرور حسابك.
password-reset-button = اختيار كلمة مرور جديدة
password-reset-open-link = لاختيار كلمة مرور جديدة، يُرجى فتح هذا الرابط:
password-reset-not-asked = **إذا لم يكن هذا الطلب منك،** فلا حاجة إلى فعل أي شيء: تبقى كلمة مرورك كما هي ما لم يُستخدم
    الرابط. وإذا استمر وصول رسائل كهذه إليك، فيُرجى إبلاغنا.
password-reset-not-expected = **إذا لم تكن هذه الرسالة متوقعة،** فيُرجى عدم استخدام الرابط وسؤالنا أولًا. تبقى كلمة
    مرورك كما هي ما لم يُستخدم الرابط.
