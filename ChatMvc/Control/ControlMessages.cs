using System.Text;
using System.Text.Json;

namespace ChatMvc.Control;

/// <summary>What a command asks of whoever holds the database.</summary>
/// <param name="Command">As it was typed, such as <c>user invite</c>.</param>
/// <param name="Phone">E.164; empty where it is about none.</param>
/// <param name="Value">What else it is about.</param>
internal sealed record ControlRequest(string Command, string Phone, string? Value = null);

/// <param name="Done">Whether it is now as the command wanted it.</param>
/// <param name="Words">For the person who typed it.</param>
internal sealed record ControlAnswer(bool Done, string Words);

/// <summary>One line of JSON each way.</summary>
internal static class ControlLine
{
    /// <summary>Bytes; ours have about a hundred, and a path.</summary>
    private const int Longest = 4_096;

    public static async Task WriteAsync<T>(Stream stream, T message, CancellationToken cancellation) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(message, JsonSerializerOptions.Web) + "\n"), cancellation);

    /// <exception cref="InvalidDataException">The other side says nothing, too much, or what is no such message.</exception>
    public static async Task<T> ReadAsync<T>(Stream stream, CancellationToken cancellation)
    {
        var line = new byte[Longest];
        var length = 0;
        while (length < line.Length && await stream.ReadAsync(line.AsMemory(length, 1), cancellation) == 1)
        {
            if (line[length] == '\n') return Parse<T>(line.AsSpan(0, length));
            length++;
        }
        throw new InvalidDataException("The line has no end.");
    }

    private static T Parse<T>(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web) ?? throw new InvalidDataException("The line is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("The line is no such message.", e);
        }
    }
}
