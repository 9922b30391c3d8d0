using ChatMvc.Accounts;

namespace ChatMvc.Tests.Accounts;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("+12125550100", "1", "+12125550100")]
    [InlineData(" +1 (212) 555-0100 ", "1", "+12125550100")]
    [InlineData("212.555.0100", "1", "+12125550100")]
    [InlineData("1 212 555 0100", "1", "+12125550100")]
    [InlineData("0044 20 7946 0958", "1", "+442079460958")]
    [InlineData("011 44 20 7946 0958", "1", "+442079460958")]
    [InlineData("030 / 12 34 56 78", "49", "+493012345678")]
    [InlineData("+49 (0)30 12345678", "49", "+493012345678")]
    [InlineData("+49(0) 30 12345678", "1", "+493012345678")]
    [InlineData("＋１ ２１２ ５５５ ０１００", "1", "+12125550100")]
    [InlineData("+1\u00a0212\u202f555\u20130100", "1", "+12125550100")]
    [InlineData("\u202a+1 212 555 0100\u202c", "1", "+12125550100")]
    [InlineData("００４４　２０　７９４６　０９５８", "1", "+442079460958")]
    [InlineData("（２１２）５５５－０１００", "1", "+12125550100")]
    [InlineData("090ー1234ー5678", "81", "+819012345678")]
    [InlineData("\u2066+1 212 555 0100\u2069", "1", "+12125550100")]
    [InlineData("+12345678", "1", "+12345678")]
    [InlineData("+123456789012345", "1", "+123456789012345")]
    public void What_people_type_becomes_E164(string typed, string region, string e164)
    {
        Assert.True(PhoneNumber.TryParse(typed, region, out var number));
        Assert.Equal(e164, number.Value.ToString());
        Assert.Equal(number.Value, PhoneNumber.Parse(e164));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("+")]
    [InlineData("hello")]
    [InlineData("+1 212 555 010O")]
    [InlineData("+1 212+555 0100")]
    [InlineData("++12125550100")]
    [InlineData("+0123456789")]
    [InlineData("+1234567")]
    [InlineData("+1234567890123456")]
    [InlineData("+12125550100;ext=5")]
    [InlineData("+1 212 555 0100 ext 5")]
    [InlineData("+٣١٢٣٤٥٦٧٨٩٠")]
    [InlineData("+1212555\n0100")]
    [InlineData("+1212555\00100")]
    [InlineData("\ud800+12125550100")]
    [InlineData("+1 2 1 2 5 5 5 0 1 0 0                    ")]
    public void What_is_no_number_is_refused(string? typed) => Assert.False(PhoneNumber.TryParse(typed, "1", out _));

    [Theory]
    [InlineData("12125550100")]
    [InlineData("+1 2125550100")]
    [InlineData("")]
    public void A_configured_number_is_in_E164_exactly(string text) => Assert.Throws<FormatException>(() => PhoneNumber.Parse(text));

    [Fact]
    public void A_number_is_in_its_country_and_shows_little_of_itself()
    {
        var number = PhoneNumber.Parse("+442079460958");
        Assert.True(number.IsIn(["1", "44"]));
        Assert.True(number.IsIn(["*"]));
        Assert.False(number.IsIn(["1", "49"]));
        Assert.DoesNotContain("2079", number.Masked, StringComparison.Ordinal);
        Assert.EndsWith("0958", number.Masked, StringComparison.Ordinal);
    }
}
