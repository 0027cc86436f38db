password-changed-subject = تم تغيير كلمة مرورك في { $portal }
password-changed-preheader = وذلك يوم { $when }. إذا لم يكن ذلك منك، فيُرجى التصرف فورًا.
password-changed-heading = تم تغيير كلمة مرورك
password-changed-when = تم تغيير كلمة مرور حسابك في { $portal } يوم **{ $when }**.
password-changed-effects = تم تسجيل الخروج من جميع الأجهزة، ولم تعد الروابط السابقة لاختيار كلمة المرور صالحة.
password-changed-if-you = إذا كان ذلك منك، فلا حاجة إلى فعل أي شيء.
password-changed-if-not-you = قد يكون بإمكان شخص آخر قراءة بريدك الإلكتروني. يُرجى اختيار كلمة مرور جديدة الآن:
password-changed-then = بعد ذلك يُرجى تغيير كلمة مرور صندوق بريدك أيضًا ومراسلتنا:
