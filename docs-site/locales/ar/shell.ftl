# ما يحيط بكل صفحة. القيم نصوص Markdown في سطر واحد، والروابط هي روابط الصفحات الإنجليزية.

skip = انتقل إلى المحتوى
account-help = مساعدة الحساب
search = بحث
search-these-pages = ابحث في هذه الصفحات
main-navigation = التنقل الرئيسي
sign-in = تسجيل الدخول
sign-in-above = تسجيل الدخول
need-a-person = هل تفضّل التحدث إلى شخص؟ اكتب إلى [{ $support_email }](mailto:{ $support_email }).
in-english = بالإنجليزية:
what-words-mean = مسرد المصطلحات
for-administrators = لمسؤولي النظام
for-operators = لمشغّلي النظام
language = اللغة

home = الصفحة الرئيسية
breadcrumb = مسار التنقل
on-this-page = في هذه الصفحة
before-and-after = الصفحة السابقة والصفحة التالية
previous = السابق
next = التالي
rather-read = هل تفضّل قراءة كل شيء؟ [لماذا لم تصل الرسالة](/guide/)

callout-note = ملاحظة
callout-tip = نصيحة
callout-important = مهم
callout-warning = تحذير
callout-caution = تنبيه

no-fixed-address = غير ثابتة؛ اسمحوا للنطاق

search-needs-script = **يحتاج البحث إلى JavaScript.** ومن دونه استخدم القوائم أدناه.
what-are-you-looking-for = عمّ تبحث؟
key-write = للبحث،
key-go-through = للتنقل بين النتائج،
key-open = للفتح
found-one = صفحة واحدة
found-many = عدد الصفحات: { $count }
found-none = لا توجد نتائج. جرّب كلمات أقل أو كلمات أخرى.
found-near = لا توجد نتيجة مطابقة تمامًا. هل تقصد هذا؟
search-failed = البحث غير متاح الآن. استخدم القوائم أدناه.
search-in-english = ابحث بالإنجليزية: هناك صفحات أكثر للمشغّلين والمطوّرين
