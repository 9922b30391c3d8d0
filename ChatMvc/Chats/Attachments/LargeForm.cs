using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ChatMvc.Chats.Attachments;

/// <summary>
/// A form whose files are larger than a message takes. What was typed stands among them, and a browser shows no answer
/// before it has sent all: so it is read to its end, its fields are kept, and its files go nowhere.
/// </summary>
public static class LargeForm
{
    /// <summary>A text of 32,000 characters has at most 96,000 bytes as UTF-8, and its line ends as many again.</summary>
    private const int FieldBytes = 200_000;
    private const int MaxFields = 100;
    private static readonly object Mark = new();

    /// <summary>Whether files came with the form and are not in it.</summary>
    public static bool HasLostFiles(this HttpRequest request) => request.HttpContext.Items.ContainsKey(Mark);

    /// <summary>Puts the fields in the place of the form. One that is malformed is left to who reads it next.</summary>
    public static async Task ReadAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 } boundary) return;
        try
        {
            if (await FieldsAsync(new MultipartReader(boundary.ToString(), request.Body), request.HttpContext.RequestAborted) is not { } fields) return;
            request.Form = new FormCollection(fields.GetResults());
            request.HttpContext.Items[Mark] = true;
        }
        catch (InvalidDataException) { }
    }

    // Null when there are too many, or one that is too long to be a message.
    private static async Task<KeyValueAccumulator?> FieldsAsync(MultipartReader reader, CancellationToken cancellation)
    {
        var (fields, bytes) = (new KeyValueAccumulator(), new byte[FieldBytes]);
        // What is left unread of a part is passed over with the next.
        while (await reader.ReadNextSectionAsync(cancellation) is { } part)
        {
            if (part.GetContentDispositionHeader() is not { } field || !field.IsFormDisposition()) continue;
            var length = await part.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
            if (length == bytes.Length || fields.ValueCount == MaxFields) return null;
            fields.Append(HeaderUtilities.RemoveQuotes(field.Name).ToString(), Encoding.UTF8.GetString(bytes, 0, length));
        }
        return fields;
    }
}
