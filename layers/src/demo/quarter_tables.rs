//! The quarters as text: what stands where (north above), how irregular the streets run, and their names.

use super::{
    patch::Quarter,
    streets::Profile,
};

const OLD: Quarter = Quarter {
    neighbourhood: "Binnenstad",
    kinds: &[],
    names: &[],
    profile: Profile::OLD_TOWN,
    collector: None,
    irregularity: 0.22,
    has_one_way: true,
};
const NEW: Quarter = Quarter { profile: Profile::RESIDENTIAL, irregularity: 0.12, has_one_way: false, ..OLD };

pub const CHURCH_QUARTER: Quarter = Quarter {
    kinds: &["cccccc", "cccccc", "ccccKK", "cccccc", "ccccHM"],
    names: &[
        "Weverstraat", "Kloosterstraat", "Smedestraat", "Papenstraat", "Kerkstraat", "Hofsteeg", "Achter de Kerk",
        "Begijnenstraat", "Noordstraat",
    ],
    ..OLD
};
pub const GUILD_QUARTER: Quarter = Quarter {
    kinds: &["cccccc", "cckccc", "cccccc", "cccccc", "Mccccc"],
    names: &[
        "Vleeshouwerstraat", "Schoutenstraat", "Kuiperstraat", "Doelenstraat", "Touwslagerstraat", "Botersteeg",
        "Raamstraat", "Ververstraat", "Gildestraat",
    ],
    ..OLD
};
pub const CANAL_WEST: Quarter = Quarter {
    kinds: &["cccccc", "cccccc"],
    names: &["Vollersgang", "Zoutsteeg", "Wijnstraat", "Appelsteeg", "Vismarkt", "Achterstraat"],
    ..OLD
};
pub const CANAL_EAST: Quarter = Quarter {
    kinds: &["cccccc", "cccccc"],
    names: &["Waagsteeg", "Korenstraat", "Beursstraat", "Lombardsteeg", "Pottersgang", "Minrebroederstraat"],
    ..OLD
};
pub const HARBOUR_WEST: Quarter = Quarter {
    neighbourhood: "Havenkwartier",
    kinds: &["cccccc", "cccccc", "ccekcc", "cccccc"],
    names: &[
        "Schippersgang", "Ankerstraat", "Zeilmakerstraat", "Kraansteeg", "Pakhuisstraat", "Visserstraat",
        "Lange Nieuwstraat", "Havenstraat",
    ],
    ..OLD
};
pub const HARBOUR_EAST: Quarter = Quarter {
    neighbourhood: "Havenkwartier",
    kinds: &["cccccc", "cccccc", "ccccxc", "cccccc"],
    names: &[
        "Mastenmakerstraat", "Roerstraat", "Kompasstraat", "Loodsstraat", "Bolwerkstraat", "Scheepstimmerstraat",
        "Korte Nieuwstraat", "Werfstraat",
    ],
    ..OLD
};
pub const GARDEN_CITY: Quarter = Quarter {
    neighbourhood: "Tuindorp",
    kinds: &["pprrpppp", "prrrrprp", "rrGGerrp", "rrGGxrrr", "prrrrrpr", "rrrrrrrr", "ddddrrrr"],
    names: &[
        "Anjerstraat", "Rozenlaan", "Lelielaan", "Dahliastraat", "Violenstraat", "Goudsbloemstraat", "Asterstraat",
        "Zonnebloemlaan", "Irisstraat", "Fresiastraat", "Tulpenlaan", "Begoniastraat", "Hyacintlaan",
    ],
    ..NEW
};
pub const TREE_QUARTER: Quarter = Quarter {
    neighbourhood: "Bomenbuurt",
    kinds: &["qqqqqqqq", "qqqqeqqq", "rrrrxrrn", "rrGGGGrn", "rrGGGGrn", "rrrrrrrn", "pprrrrpn", "ppprrppn"],
    names: &[
        "Lindelaan", "Beukenlaan", "Eikstraat", "Esdoornlaan", "Iepenstraat", "Populierstraat", "Acacialaan",
        "Elzenstraat", "Wilgenlaan", "Berkenstraat", "Meidoornlaan", "Hulststraat", "Taxuslaan", "Plataanlaan",
    ],
    ..NEW
};
pub const STATION_WEST: Quarter = Quarter {
    neighbourhood: "Stationskwartier",
    kinds: &["nnnkS", "nnnnn", "nnenn", "nnnnn", "nnnnn"],
    names: &[
        "Emmastraat", "Sophiastraat", "Julianastraat", "Wilhelminastraat", "Spoorstraat", "Parallelstraat",
        "Prins Hendrikstraat", "Regentesselaan",
    ],
    ..NEW
};
pub const STATION_EAST: Quarter = Quarter {
    neighbourhood: "Stationskwartier",
    kinds: &["Snnnnn", "nnnnnn", "nnnxnn", "nnnnnn", "nnnnnn"],
    names: &[
        "Nassaustraat", "Oranjestraat", "Koningstraat", "Prinsenstraat", "Stadhouderslaan", "Postkantoorstraat",
        "Hertogstraat", "Kroonstraat", "Singelstraat",
    ],
    ..NEW
};
pub const COMPOSERS: Quarter = Quarter {
    neighbourhood: "Componistenwijk",
    kinds: &["ssssttqq", "sssqqqqq", "ssxeGGqq", "sqqqGGss", "tsqqqqss", "ttsqqsss", "nnsqqqqt"],
    names: &[
        "Bachlaan", "Mozartlaan", "Beethovenlaan", "Haydnstraat", "Schubertlaan", "Brahmsstraat", "Sweelincklaan",
        "Diepenbrocklaan", "Röntgenstraat", "Wagenaarstraat", "Andriessenlaan", "Escherstraat", "Verhulststraat",
    ],
    ..NEW
};
pub const EAST_BANK: Quarter = Quarter {
    neighbourhood: "Oosteroever",
    kinds: &["pppqqqqd", "ppkpqqdd", "prrrxedd", "rrrrrrdd", "rrrrrrGG"],
    names: &[
        "Tasmanstraat", "Heemskerkstraat", "Barentszstraat", "De Houtmanstraat", "Piet Heinstraat", "Tromplaan",
        "De Ruyterlaan", "Evertsenstraat", "Oeverlaan", "Kortenaerstraat", "Van Speijkstraat",
    ],
    ..NEW
};
pub const HOSPITAL: Quarter = Quarter {
    neighbourhood: "Meerzicht",
    kinds: &["FFGGGGG", "FFGGBBk", "wwwwBBe", "wwwwwxw", "wwwwwww"],
    names: &[
        "Zorglaan", "Florencelaan", "Henri Dunantweg", "Pasteurlaan", "Kochlaan", "Semmelweislaan", "Meentweg",
        "Aletta Jacobslaan", "Einthovenlaan", "Zonnehoflaan",
    ],
    ..NEW
};
pub const NORTH: Quarter = Quarter {
    neighbourhood: "Noord",
    kinds: &["qqqqqqqq", "qqqssqqq", "qqsGGsqx", "qqqGGqqe", "qqqqqqqq", "nnnnnnnn"],
    names: &[
        "Drentestraat", "Gelrestraat", "Twentelaan", "Veluwelaan", "Betuwestraat", "Achterhoeklaan", "Salland",
        "Zeelandstraat", "Hollandlaan", "Friesestraat", "Brabantlaan", "Limburglaan",
    ],
    ..NEW
};
pub const PAINTERS: Quarter = Quarter {
    neighbourhood: "Schilderswijk",
    kinds: &["qqqqqoo", "qqqxqoo", "nneqqoo", "nnnqqoo", "nnnnkok"],
    names: &[
        "Vermeerstraat", "Frans Halsstraat", "Jan Steenstraat", "Judith Leysterstraat", "Hobbemastraat",
        "Rachel Ruyschlaan", "Avercampstraat", "Nachtwachtlaan", "Ruysdaelstraat", "Paulus Potterstraat",
    ],
    collector: Some((2, Profile::BUSINESS)),
    ..NEW
};
pub const BUSINESS_PARK: Quarter = Quarter {
    neighbourhood: "Schutterspark",
    kinds: &["iiiiGG", "iiioGG", "oooook", "ooooii", "okoiii"],
    names: &[
        "Vaandrigstraat", "Tamboerstraat", "Piekeniersweg", "Schuttersweg", "Hellebaardweg", "Kruitmolenweg",
        "Nachtwachtlaan", "Doelenweg", "Banningweg",
    ],
    profile: Profile::BUSINESS,
    collector: Some((2, Profile::BUSINESS)),
    ..NEW
};
pub const VILLAS: Quarter = Quarter {
    neighbourhood: "Villapark",
    kinds: &["vvvvv", "vGGvv", "vGGvv", "vvvvd", "vvedd"],
    names: &[
        "Vossenlaan", "Hertenlaan", "Dassenlaan", "Reeënlaan", "Heuvellaan", "Boslaan", "Duinlaan", "Rustenburglaan",
    ],
    irregularity: 0.24,
    ..NEW
};
pub const BIRDS: Quarter = Quarter {
    neighbourhood: "Vogelwijk",
    kinds: &["wwwwwww", "wwwwwew", "wwGGwxw", "wwGGwww", "wwwwwww", "uuwwwuu"],
    names: &[
        "Merellaan", "Lijsterlaan", "Reigerlaan", "Kieviitlaan", "Roodborstlaan", "Nachtegaallaan", "Ooievaarlaan",
        "Zwaluwlaan", "Leeuweriklaan", "Koekoeklaan", "Fuutlaan",
    ],
    irregularity: 0.16,
    ..NEW
};
pub const SOUTH_PARK: Quarter = Quarter {
    neighbourhood: "Parkwijk",
    kinds: &["ddGGGd", "uuGGGu", "uuGGGu", "uuxeuu", "uuuuuu", "wwwwww"],
    names: &[
        "Parklaan", "Vijversingel", "Prieellaan", "Rosariumlaan", "Belvedèrelaan", "Waterleliestraat",
        "Kikkerbeetlaan", "Lisdoddestraat", "Rietlaan", "Zwanebloemlaan",
    ],
    ..NEW
};
pub const RIVERS: Quarter = Quarter {
    neighbourhood: "Rivierenbuurt",
    kinds: &["qqqqqqd", "qqqsqqd", "qsxssqq", "qqsseqG", "uuuqqGG", "uuuuuGG"],
    names: &[
        "Maaslaan", "Waalstraat", "Lekstraat", "IJssellaan", "Vechtstraat", "Dommelstraat", "Lingelaan",
        "Merwedestraat", "Amstelstraat", "Zaanstraat", "Spaarnestraat",
    ],
    ..NEW
};
