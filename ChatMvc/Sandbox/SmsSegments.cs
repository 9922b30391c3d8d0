namespace ChatMvc.Sandbox;

/// <summary>How many segments a text is cut into: 160 GSM-7 or 70 UCS-2 characters, fewer each when there are several.</summary>
internal static class SmsSegments
{
    private const string Gsm7 =
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    // These take an escape before them, so two places each.
    private const string Gsm7Extension = "^{}\\[~]|€\f";

    public static int Of(string text)
    {
        if (!text.All(c => Gsm7.Contains(c) || Gsm7Extension.Contains(c)))
            return Cut(text.Length, alone: 70, each: 67);
        return Cut(text.Length + text.Count(Gsm7Extension.Contains), alone: 160, each: 153);
    }

    private static int Cut(int length, int alone, int each) => length <= alone ? 1 : (length + each - 1) / each;
}
