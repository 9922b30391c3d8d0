using System.Buffers;
using ChatMvc.Shared;

namespace ChatMvc.Accounts;

/// <summary>
/// The text message that carries a code: plain ASCII in one segment. Its last line binds the code to our host, so that
/// phones offer it there alone (https://wicg.github.io/sms-one-time-codes/).
/// </summary>
public sealed class CodeText(SiteSettings site, ServerSettings server)
{
    /// <summary>Characters of the GSM alphabet in one message.</summary>
    private const int OneSegment = 160;
    // What stands once in the GSM alphabet; one character beyond it halves the room.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public string Of(string digits)
    {
        var sentence = $"{digits} is your {NameInPlainLetters} code.";
        if (server.PublicUrl is not { } url) return sentence;
        var bound = $"{sentence}\n\n@{url.IdnHost} #{digits}";
        return bound.Length <= OneSegment ? bound : sentence;
    }

    /// <summary>Whether a text is plain and goes out as one message.</summary>
    public static bool FitsOneSegment(string text) => text.Length <= OneSegment && !text.AsSpan().ContainsAnyExcept(Plain);

    /// <summary>The site's, where a text message can hold it at the price of one.</summary>
    public string NameInPlainLetters => site.Name.AsSpan().ContainsAnyExcept(Plain) ? "sign-in" : site.Name;
}
