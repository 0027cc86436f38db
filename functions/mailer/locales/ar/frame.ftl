# Modern standard Arabic. Imperatives have a gender, so they are put as "please do" with a verbal noun (يُرجى اختيار).

greeting = مرحبًا { $name }،
greeting-to-nobody = مرحبًا،

if-not-you = إذا لم يكن ذلك منك:

questions = لأي استفسار، يُرجى مراسلتنا:

automatic = أُرسلت هذه الرسالة تلقائيًا من { $portal }:

link-terms =
    يعمل الرابط **مرة واحدة فقط** ولمدة **{ $lifetime }**: حتى يوم { $until }. يُرجى عدم مشاركته مع أحد، فكل من يحصل
    عليه يستطيع اختيار كلمة مرور حسابك.
link-in-full = إذا لم يعمل الزر، يُرجى نسخ هذا العنوان إلى المتصفح:
link-dead = هل توقف الرابط عن العمل؟ يمكن طلب رابط جديد:
