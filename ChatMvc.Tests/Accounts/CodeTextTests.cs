using ChatMvc.Accounts;
using ChatMvc.Shared;

namespace ChatMvc.Tests.Accounts;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("ChatMvc", null, "123456 is your ChatMvc code.")]
    [InlineData("ChatMvc", "https://chat.example.org:8443/x", "123456 is your ChatMvc code.\n\n@chat.example.org #123456")]
    [InlineData("Café ☕", null, "123456 is your sign-in code.")]
    [InlineData("Back`tick", null, "123456 is your sign-in code.")]
    [InlineData("ChatMvc", "https://bücher.example", "123456 is your ChatMvc code.\n\n@xn--bcher-kva.example #123456")]
    [InlineData("ChatMvc", "https://a-very-long-name-of-a-host-that-would-need-a-second-segment-of-a-message.and-goes-on-for-a-while-in-a-second-label.example.org", "123456 is your ChatMvc code.")]
    public void A_code_is_one_plain_segment(string name, string? publicUrl, string text)
    {
        var server = new ServerSettings { PublicUrl = publicUrl is null ? null : new Uri(publicUrl) };
        Assert.Equal(text, new CodeText(new SiteSettings { Name = name }, server).Of("123456"));
    }
}
