namespace ChatMvc.Bench.Load;

/// <summary>Somebody with a signed-in device.</summary>
/// <param name="Id">The row's.</param>
/// <param name="SessionCookie">As <c>name=value</c>.</param>
internal sealed record Person(long Id, string SessionCookie);

/// <summary>A chat of one person.</summary>
internal sealed record Room(Person Owner, string Key)
{
    public string Path => $"/chats/{Key}";
}
